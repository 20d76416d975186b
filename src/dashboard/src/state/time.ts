/** A moment by both of a browser's clocks, in milliseconds. `steady` is never set and measures spans; `wall` is what people and devices call the time. */
export interface Now {
  readonly wall: number;
  readonly steady: number;
}

export type Clock = () => Now;

export const browserClock: Clock = () => ({ wall: Date.now(), steady: performance.now() });

/** How long ago, as one says it: "now", "40 s", "3 min", "2 h", "4 days". */
export function span(seconds: number): string {
  if (seconds < 60) return `${Math.floor(Math.max(0, seconds))} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86400)} days`;
}

/** "3 min ago"; an age that nobody knows is said to be so. */
export function ago(seconds: number | null): string {
  return seconds === null ? "age unknown" : seconds < 1.5 ? "just now" : `${span(seconds)} ago`;
}
