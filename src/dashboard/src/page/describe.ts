import type { Device } from "../state/device";
import type { View } from "../state/standing";
import { ago, span } from "../state/time";
import type { Part, VerdictMessage } from "../wire/messages";
import { capital, hintWords, percent, plural, standingWord, words } from "./words";

/** The verdict in a few words: "normal", "AS+MR", "cannot tell: too quiet". */
export function verdictWords(verdict: { verdict: string; alarm: boolean | null; reason: string | null }): string {
  return verdict.alarm === null ? `cannot tell${verdict.reason === null ? "" : `: ${words(verdict.reason)}`}` : verdict.verdict;
}

const sceneWords: Readonly<Record<string, string>> = {
  starting: "It is starting.",
  updating: "It is being updated.",
  paused: "It pauses until it has cooled down.",
  identify: "It shows itself: its lamps flash.",
};

/** What the standing means here and now, for who has to do something. */
export function detail(device: Device, view: View): string {
  const live = device.live?.body;
  switch (view.standing) {
    case "fault":
      return faultWords(device);
    case "offline":
      return "The broker has lost it: no power, no network, or it crashed.";
    case "silent":
      return view.heardAge === null ? "It should be there, and says nothing." : `It should be there, and has said nothing for ${span(view.heardAge)}.`;
    case "unreadable":
      return `What it says is not as the contract says: ${device.problems.list()[0]?.why ?? ""}`;
    case "alarm":
      return view.verdict === null ? "" : alarmWords(view.verdict);
    case "unsure":
      return view.verdict === null ? "" : `${capital(words(view.verdict.reason ?? ""))}. ${view.verdict.advice ?? ""}`;
    case "examining":
      if (live?.phase === "betweenSites") return "On to the next site.";
      return live === undefined ? "" : `${hintWords(live.hint)}.${live.remainingSeconds === null ? "" : ` ${Math.ceil(live.remainingSeconds)} s to go.`}`;
    case "normal":
      return view.verdict === null ? "" : `${percent(view.verdict.confidence)} sure.`;
    case "idle":
      if (live !== undefined && Object.hasOwn(sceneWords, live.scene)) return sceneWords[live.scene] ?? "";
      return live?.phase === "waiting" ? "Waits for somebody to listen to." : "Nobody is being examined.";
    case "waiting":
      return "Nothing was heard from it yet.";
    case "stopped":
      return "Switched off on purpose.";
    case "unconnected":
      return "This page does not hear the broker.";
  }
}

function alarmWords(verdict: VerdictMessage): string {
  const what = verdict.verdict === "abnormal" ? "Something is wrong with the heart's sound" : `Found: ${verdict.findings?.join(", ") || verdict.verdict}`;
  return `${what}; ${percent(verdict.confidence)} sure.`;
}

function faultWords(device: Device): string {
  const worst = Object.entries(device.health?.body.parts ?? {}).find(([, part]) => part.level === "failed");
  return worst === undefined ? "It says that it is broken." : partWords(worst);
}

function partWords([name, part]: [string, Part]): string {
  return `${capital(words(name))}: ${part.message ?? words(part.cause)}`;
}

/** What else a person should know, none of which changes the standing. */
export function notes(device: Device): string[] {
  const list: string[] = [];
  const stamp = device.sign?.body ?? device.live?.body ?? device.verdict?.body;
  if (stamp?.clockSynced === false) list.push("Its clock is not set");
  if (device.health?.body.level !== "failed") {
    for (const [name, part] of Object.entries(device.health?.body.parts ?? {})) if (part.level !== "ok") list.push(`${capital(words(name))}: ${words(part.cause)}`);
  }

  const missing = device.history.missing;
  if (missing > 0) list.push(`${plural(missing, "verdict")} missing`);
  const waiting = device.health?.body.outbox?.waiting ?? 0;
  if (waiting > 0) list.push(`${plural(waiting, "verdict")} not delivered yet`);
  if (device.problems.total > 0) list.push(plural(device.problems.total, "unreadable message"));
  if (device.leftOut > 0) list.push(`Flood: ${plural(device.leftOut, "message")} left out`);
  const until = device.live?.body.mutedUntil;
  if (typeof until === "string") list.push("Lamps muted");
  return list;
}

/** The last verdict in a line, with its age; said to be an earlier one where it is not about now. */
export function verdictLine(view: View): string {
  if (view.verdict === null) return "No verdict yet";
  const site = view.verdict.examination.site;
  const what = `${verdictWords(view.verdict)}${site === null ? "" : ` at ${site}`}, ${ago(view.verdictAge)}`;
  return view.isCurrent ? capital(what) : `Earlier: ${what}`;
}

/** What is said aloud when a device comes to stand so. */
export function announcement(device: Device, view: View): string {
  return `${device.name}: ${standingWord[view.standing]}. ${detail(device, view)}`;
}
