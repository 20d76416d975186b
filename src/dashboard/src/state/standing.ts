import type { VerdictMessage } from "../wire/messages";
import { ageSeconds } from "./age";
import type { Device } from "./device";
import type { Now } from "./time";

/** What a device is to the person who looks, the one who needs somebody most first. This order is the order on the page. */
export const standings = [
  "fault",
  "offline",
  "silent",
  "unreadable",
  "alarm",
  "unsure",
  "examining",
  "normal",
  "idle",
  "waiting",
  "stopped",
  "unconnected",
] as const;

export type Standing = (typeof standings)[number];

const needy: ReadonlySet<Standing> = new Set<Standing>(["fault", "offline", "silent", "unreadable", "alarm", "unsure"]);

export function needsPerson(standing: Standing): boolean {
  return needy.has(standing);
}

/** A device speaks twice a second; after ten messages that did not come it is silent. */
export const silentSeconds = 5;

/** For who plays recordings to a broker (`replay`) and says nothing in between: more than the minute after which health is said again. */
const silentWithoutLiveSeconds = 75;

/** A verdict is about now for so long. A "normal" that is older counts no more. */
export const currentSeconds = 600;

/** The connection of this page, as far as a device's standing depends on it: since when it stands, or null. */
export type Since = Now | null;

export interface View {
  readonly standing: Standing;
  readonly verdict: VerdictMessage | null;
  /** Seconds; null when nobody can know. */
  readonly verdictAge: number | null;
  /** Whether the verdict is about the person who is there now, as far as that can be known. */
  readonly isCurrent: boolean;
  /** Seconds since the device itself said anything; null when it has not since the page is open. */
  readonly heardAge: number | null;
}

/** How a device stands. Pure: everything is said by the arguments. */
export function viewOf(device: Device, now: Now, connected: Since): View {
  const verdict = device.verdict?.body ?? null;
  const verdictAge = verdict === null ? null : ageSeconds(verdict, device, now);
  const heardAge = device.sign === null ? null : Math.max(0, (now.steady - device.sign.at.steady) / 1000);
  const presence = presenceOf(device, now, connected);
  const live = device.live?.body;
  const isExamining = live?.phase === "examining" || live?.phase === "betweenSites";
  const examination = presence === null && isExamining ? (live?.examination ?? null) : null;
  const isOver = examination === null || examination === verdict?.examination.id;
  const trouble = presence ?? troubleOf(device);
  const isCurrent = trouble === null && verdict !== null && verdictAge !== null && verdictAge <= currentSeconds && isOver;
  return { standing: trouble ?? standingOfSound(verdict, isCurrent, isOver), verdict, verdictAge, isCurrent, heardAge };
}

/** Why nothing that is shown of the device is about now; null where it is there and speaks. */
function presenceOf(device: Device, now: Now, connected: Since): Standing | null {
  if (connected === null) return "unconnected";
  const status = device.status?.body.status;
  if (status === "offline") return "offline";
  if (status === "stopped") return "stopped";
  const speaks = device.live !== null || device.health !== null;
  const patience = speaks ? silentSeconds : silentWithoutLiveSeconds;
  const since = Math.max(connected.steady, device.sign?.at.steady ?? -Infinity, speaks ? -Infinity : (device.status?.at.steady ?? -Infinity));
  if ((now.steady - since) / 1000 > patience) return "silent";
  // Nothing was heard since the page is connected: what the broker had kept may be long out of date.
  const heard = device.sign !== null && device.sign.at.steady >= connected.steady;
  return heard ? null : "waiting";
}

/** Why what a present device found is not to be relied upon. */
function troubleOf(device: Device): Standing | null {
  if (device.live?.body.scene === "fault" || device.health?.body.level === "failed") return "fault";
  return device.problems.isCurrent ? "unreadable" : null;
}

function standingOfSound(verdict: VerdictMessage | null, isCurrent: boolean, isOver: boolean): Standing {
  if (!isOver) return "examining";
  // Something that was found does not become nothing by itself: it stays until the next verdict.
  if (verdict?.alarm === true) return "alarm";
  if (verdict === null || !isCurrent) return "idle";
  return verdict.alarm === null ? "unsure" : "normal";
}

export function rank(standing: Standing): number {
  return standings.indexOf(standing);
}
