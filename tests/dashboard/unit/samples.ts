import type { Now } from "../../../src/dashboard/src/state/time";

/** Messages as a device sends them; a test changes what it is about. */

export const session = "0199aaaa-0000-7000-8000-000000000001";
export const bootId = "0199aaaa-0000-7000-8000-0000000000b0";
export const series = "0199aaaa-0000-7000-8000-0000000000a0";
const sha256 = "ab".repeat(32);
const start = Date.parse("2026-11-21T10:00:00Z");

export type Body = Record<string, unknown>;

export function uuid(number: number): string {
  return `0199aaaa-0000-7000-8000-${number.toString(16).padStart(12, "0")}`;
}

function stamp(device: string, seconds: number): Body {
  return { schema: 1, device, session, time: new Date(start + seconds * 1000).toISOString(), monotonicSeconds: 1000 + seconds, bootId, clockSynced: true };
}

export function status(word: string, device = "ward-1", seconds = 0): Body {
  return { ...stamp(device, seconds), status: word, software: "0.1.0" };
}

export function live(device = "ward-1", seconds = 0, changes: Body = {}): Body {
  return {
    ...stamp(device, seconds),
    scene: "listening", levelDb: -30, hint: "good", heartRateBpm: 72, alarmProbability: 0.02, opinion: "none", phase: "waiting", examination: null, remainingSeconds: null,
    ...changes,
  };
}

export function verdict(sequence: number, device = "ward-1", seconds = 0, changes: Body = {}): Body {
  return {
    ...stamp(device, seconds),
    id: uuid(0x1000 + sequence), series, sequence,
    examination: { id: uuid(0x2000 + sequence), site: null, sites: null, startSeconds: 0, endSeconds: 30 },
    verdict: "normal", alarm: false, findings: [], reason: null, advice: null,
    probabilities: { normal: 0.98, abnormal: 0.02 }, alarmProbability: 0.02, confidence: 0.98, heartRateBpm: 72,
    quality: { score: 0.9, windows: 10, acceptedWindows: 10, goodSeconds: 30, rejected: {}, gaps: 0, faultySamples: 0 },
    model: { id: "small", version: "1", sha256 }, provider: "Cpu", latencyMs: 40, software: "0.1.0",
    ...changes,
  };
}

export const abnormal: Body = { verdict: "abnormal", alarm: true, findings: ["abnormal"], probabilities: { normal: 0.03, abnormal: 0.97 }, alarmProbability: 0.97, confidence: 0.97 };
export const inconclusive: Body = { verdict: "inconclusive", alarm: null, findings: null, reason: "tooQuiet", advice: "Press firmer.", confidence: null };

export function health(device = "ward-1", seconds = 0, changes: Body = {}): Body {
  return {
    ...stamp(device, seconds),
    level: "ok", parts: { capture: { level: "ok", cause: "listening", message: null, since: new Date(start).toISOString() } }, counters: { unplugged: 0 }, uptimeSeconds: 60,
    model: { id: "small", version: "1", sha256 }, provider: "Cpu", heat: null, software: "0.1.0", outbox: null,
    ...changes,
  };
}

export function failed(cause: string, message: string): Body {
  return { level: "failed", parts: { capture: { level: "failed", cause, message, since: new Date(start).toISOString() } } };
}

/** A clock that a test sets, in seconds since the samples' start. */
export class PlayedClock {
  seconds = 0;
  readonly now = (): Now => ({ wall: start + this.seconds * 1000, steady: 50_000 + this.seconds * 1000 });
}

export function bytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));
}
