/** The messages of version 1, as far as the page reads them. The validators made from docs/mqtt stand between the wire and these types. */

/** In every message of a device. Devices from before the contract was whole leave the last three out. */
export interface Stamp {
  readonly device: string;
  readonly session: string;
  readonly time?: string;
  readonly monotonicSeconds?: number;
  readonly bootId?: string;
  readonly clockSynced?: boolean | null;
}

export interface StatusMessage extends Stamp {
  readonly status: "online" | "stopped" | "offline";
  readonly software: string;
}

export interface Quality {
  readonly score: number | null;
  readonly windows: number;
  readonly acceptedWindows: number;
  readonly goodSeconds: number;
  readonly rejected: Readonly<Record<string, number>>;
  readonly gaps: number;
  readonly faultySamples: number;
}

export type SiteName = "AV" | "PV" | "TV" | "MV";
export const siteNames: readonly SiteName[] = ["AV", "PV", "TV", "MV"];

/** What a verdict and what was heard at one site have in common. */
export interface Finding {
  readonly verdict: string;
  readonly alarm: boolean | null;
  readonly reason: string | null;
  readonly probabilities: Readonly<Record<string, number>>;
  readonly alarmProbability: number | null;
  readonly confidence: number | null;
  readonly heartRateBpm: number | null;
  readonly quality: Quality;
}

export interface SitePart extends Finding {
  readonly site: SiteName;
  readonly startSeconds: number;
  readonly endSeconds: number;
}

export interface Model {
  readonly id: string;
  readonly version: string;
  readonly sha256: string;
}

export interface VerdictMessage extends Stamp, Finding {
  readonly time: string;
  readonly id: string;
  readonly series?: string;
  readonly sequence: number;
  readonly examination: {
    readonly id: string;
    readonly site: SiteName | null;
    readonly sites?: readonly SitePart[] | null;
    readonly startSeconds: number;
    readonly endSeconds: number;
    readonly recording?: string;
  };
  readonly findings?: readonly string[] | null;
  readonly advice: string | null;
  readonly model: Model;
  readonly provider: string;
  readonly latencyMs: number;
  readonly software: string;
}

export interface LiveMessage extends Stamp {
  readonly scene: string;
  readonly levelDb: number;
  readonly hint: string;
  readonly heartRateBpm: number | null;
  readonly alarmProbability: number | null;
  readonly opinion: string;
  readonly phase: string;
  readonly examination: string | null;
  readonly remainingSeconds: number | null;
  readonly site?: string | null;
  readonly mutedUntil?: string | null;
}

export type Level = "ok" | "degraded" | "failed";

export interface Part {
  readonly level: Level;
  readonly cause: string;
  readonly message: string | null;
  readonly since: string;
}

export interface Outbox {
  readonly waiting?: number;
  readonly bytes?: number;
  readonly oldestSeconds?: number | null;
  readonly dropped?: number;
  readonly series?: string;
  readonly lastSequence?: number;
}

export interface HealthMessage extends Stamp {
  readonly level: Level;
  readonly parts: Readonly<Record<string, Part>>;
  readonly counters: Readonly<Record<string, number>>;
  readonly uptimeSeconds: number;
  readonly model: Model | null;
  readonly provider: string | null;
  readonly heat: { readonly hottest: { readonly name: string; readonly celsius: number } | null; readonly throttled: boolean; readonly powerMode: string | null } | null;
  readonly outbox?: Outbox | null;
  readonly software: string;
}

export interface StateMessage extends Stamp {
  readonly command: string;
  readonly commandId?: string | null;
  readonly result: "obeyed" | "refused";
  readonly cause?: string | null;
  readonly message?: string | null;
  readonly value?: Readonly<Record<string, unknown>> | null;
}
