import { type Body, abnormal, inconclusive, uuid } from "../unit/samples";
import type { Player } from "./player";

/** A ward in which something of everything happens, for the pictures in the documentation and for the checks of the whole page. */

const since = new Date().toISOString();
const well: Body = {
  capture: { level: "ok", cause: "listening", message: null, since },
  model: { level: "ok", cause: "loaded", message: null, since },
  broker: { level: "ok", cause: "connected", message: null, since },
  outbox: { level: "ok", cause: "open", message: null, since },
  clock: { level: "ok", cause: "synced", message: null, since },
};

const outbox: Body = { waiting: 0, bytes: 8192, oldestSeconds: null, dropped: 0, series: uuid(0xa0), lastSequence: 7 };

function site(name: string, changes: Body = {}): Body {
  return {
    site: name, startSeconds: 0, endSeconds: 15, verdict: "normal", alarm: false, reason: null, probabilities: { normal: 0.94, abnormal: 0.06 }, alarmProbability: 0.06, confidence: 0.94,
    heartRateBpm: 81, quality: { score: 0.86, windows: 5, acceptedWindows: 5, goodSeconds: 15, rejected: {}, gaps: 0, faultySamples: 0 }, ...changes,
  };
}

export const sites: readonly Body[] = [
  site("AV", { verdict: "abnormal", alarm: true, probabilities: { normal: 0.06, abnormal: 0.94 }, alarmProbability: 0.94, confidence: 0.94 }),
  site("PV"),
  site("TV", { verdict: "inconclusive", alarm: null, reason: "noise", confidence: null, heartRateBpm: null, quality: { score: 0.31, windows: 5, acceptedWindows: 0, goodSeconds: 0, rejected: { noise: 5 }, gaps: 0, faultySamples: 0 } }),
];

/** Brings all devices into the state that their name says; they go on speaking. */
export async function settle(player: (name: string) => Promise<Player>): Promise<void> {
  const normal = await player("bed-1");
  normal.speak().live = { heartRateBpm: 71.6, levelDb: -31 };
  await normal.report({ parts: well, outbox });
  await normal.conclude(12, { heartRateBpm: 71.6 }, 40);

  const ill = await player("bed-2");
  ill.speak().live = (s) => ({ heartRateBpm: 84 + 5 * Math.sin(s / 9), levelDb: -28 + 3 * Math.sin(s), alarmProbability: Math.max(0.02, Math.min(0.97, 0.55 + 0.5 * Math.sin(Math.floor(s / 2.5) * 0.35) + 0.1 * Math.sin(Math.floor(s / 2.5) * 2.1))) });
  await ill.report({ parts: { ...well, lights: { level: "degraded", cause: "busy", message: "Another program (gpioset, 812) holds the lamps' lines: end it.", since } }, level: "degraded", outbox, counters: { lostSamples: 12, overruns: 0 } });
  await ill.conclude(3, { heartRateBpm: 79.9 }, 1500);
  await ill.conclude(4, { ...inconclusive, reason: "noise", advice: "Wait until it is quieter." }, 900);
  await ill.conclude(7, { ...abnormal, heartRateBpm: 84.2, examination: { id: uuid(0x77), site: null, sites, startSeconds: 0, endSeconds: 45 } }, 95);

  const unsure = await player("bed-3");
  unsure.speak().live = { hint: "pressFirmer", levelDb: -61 };
  await unsure.report({ parts: well, outbox });
  await unsure.conclude(5, { ...inconclusive, reason: "tooQuiet", advice: "Press the chest piece more firmly, and keep the room quiet." }, 20);

  const busy = await player("bed-4");
  busy.speak().live = { phase: "examining", examination: uuid(0x99), remainingSeconds: 17.5, hint: "good", heartRateBpm: 66, levelDb: -33, site: "MV", scene: "listening" };
  await busy.report({ parts: well, outbox });
  await busy.conclude(2, {}, 4000);

  const old = await player("bed-5");
  old.speak();
  await old.report({ parts: well, outbox });
  await old.conclude(9, {}, 9000);

  const broken = await player("bed-6");
  broken.speak().live = { scene: "fault", hint: "noSignal", levelDb: -200 };
  await broken.report({ level: "failed", parts: { ...well, capture: { level: "failed", cause: "unplugged", message: "The stethoscope is gone. Plug it in; it is used again as soon as it is there.", since } }, outbox });
  await broken.conclude(1, {}, 300);

  const silent = await player("bed-7");
  silent.speak();
  await silent.report({ parts: well, outbox });
  await silent.conclude(4, {}, 60);
  silent.hush();

  const lost = await player("bed-8");
  lost.speak();
  await lost.conclude(6, {}, 200);
  lost.die();

  const unset = await player("bed-9");
  unset.speak().live = { clockSynced: false, time: "1970-01-01T00:12:00Z", heartRateBpm: 90 };
  await unset.conclude(2, { clockSynced: false, time: "1970-01-01T00:11:00Z", heartRateBpm: 90 }, 45);
}
