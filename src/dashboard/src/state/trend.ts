import type { LiveMessage } from "../wire/messages";

/** Ten messages in five seconds, five minutes of them. */
export const trendSeconds = 300;
const maxPoints = 700;

/** What a device heard during the last minutes: seconds of the browser's steady clock, and beside each what was heard then. Bounded. */
export class Trend {
  readonly seconds: number[] = [];
  readonly alarm: (number | null)[] = [];
  readonly heartRate: (number | null)[] = [];

  add(live: LiveMessage, steady: number): void {
    const now = steady / 1000;
    const last = this.seconds.at(-1);
    if (last !== undefined && now - last < 0.3) return; // a flood is no better picture
    if (last !== undefined && now - last > 3) this.push(last + 0.5, null, null); // a line over a silence would be invented
    this.push(now, live.alarmProbability, live.heartRateBpm);
    let old = 0;
    while (old < this.seconds.length && ((this.seconds[old] ?? 0) < now - trendSeconds || this.seconds.length - old > maxPoints)) old++;
    if (old > 0) for (const list of [this.seconds, this.alarm, this.heartRate]) list.splice(0, old);
  }

  private push(seconds: number, alarm: number | null, heartRate: number | null): void {
    this.seconds.push(seconds);
    this.alarm.push(alarm);
    this.heartRate.push(heartRate);
  }
}
