import type { Standing } from "../state/standing";

/** One word a standing, to be read from across a room. */
export const standingWord: Readonly<Record<Standing, string>> = {
  fault: "Fault",
  offline: "Offline",
  silent: "Silent",
  unreadable: "Unreadable",
  alarm: "Abnormal",
  unsure: "Cannot tell",
  examining: "Listening",
  normal: "Normal",
  idle: "Idle",
  waiting: "Waiting",
  stopped: "Stopped",
  unconnected: "No connection",
};

const hints: Readonly<Record<string, string>> = {
  good: "Good sound",
  noSignal: "No signal",
  tooQuiet: "Too quiet",
  pressFirmer: "Press firmer",
  holdStill: "Hold still",
  tooNoisy: "Too noisy",
  tooLoud: "Too loud",
};

export const siteWords: Readonly<Record<string, string>> = { AV: "aortic", PV: "pulmonary", TV: "tricuspid", MV: "mitral" };

export function hintWords(hint: string): string {
  return Object.hasOwn(hints, hint) ? (hints[hint] ?? hint) : words(hint);
}

/** Of a name in camelCase: "noHeartbeat" becomes "no heartbeat". */
export function words(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, (_, before: string, after: string) => `${before} ${after.toLowerCase()}`);
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A share of one in percent, never rounded to a certainty that it is not. */
export function percent(share: number | null): string {
  if (share === null) return "–";
  if (share > 0.99 && share < 1) return ">99 %";
  if (share < 0.01 && share > 0) return "<1 %";
  return `${Math.round(share * 100)} %`;
}

export function bpm(rate: number | null): string {
  return rate === null ? "–" : `${Math.round(rate)} bpm`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return count > 999_999 ? `over a million ${many}` : `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

/** The time of day of a device's message, with the date where it is another day. */
export function clockTime(time: string, wall: number): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return "–";
  const hours = date.toLocaleTimeString("en-GB");
  return date.toDateString() === new Date(wall).toDateString() ? hours : `${date.toLocaleDateString("en-CA")} ${hours}`;
}

export function bytes(count: number): string {
  return count < 1024 ? `${count} B` : count < 1024 * 1024 ? `${(count / 1024).toFixed(0)} KiB` : `${(count / 1024 / 1024).toFixed(1)} MiB`;
}
