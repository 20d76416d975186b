import type { Phase } from "../broker/connection";
import { needsPerson } from "../state/standing";
import { inOrder, type Seen } from "./overview";
import { plural, standingWord } from "./words";

/** What the tab says while another one is in front: whether somebody is needed, and for what first. */
export function titleOf(phase: Phase, seen: readonly Seen[]): string {
  if (phase === "off") return "HeartSound";
  if (phase !== "connected") return "⚠ No connection – HeartSound";
  const needy = inOrder(seen.filter((one) => needsPerson(one.view.standing)));
  const first = needy[0];
  if (first === undefined) return `HeartSound – ${plural(seen.length, "device")}`;
  return `(${needy.length}) ${standingWord[first.view.standing]}: ${first.device.name} – HeartSound`;
}
