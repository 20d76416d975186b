import type { Stamp } from "../wire/messages";
import type { Device } from "./device";
import type { Now } from "./time";

/** How far a device's clock may be ahead of the browser's before its times are not believed. */
const aheadSeconds = 120;

/**
 * Seconds since the device stamped a message; null when nobody can know. Where device and message are of the same start, its own steady clock tells, whatever
 * any wall clock said; a verdict that waited in the device's outbox is as old as it is, and not as new as its arrival.
 */
export function ageSeconds(stamp: Stamp, device: Device, now: Now): number | null {
  const clock = device.clock;
  const here = stamp.monotonicSeconds;
  const there = clock?.body.monotonicSeconds;
  if (clock !== null && stamp.bootId !== undefined && stamp.bootId === clock.body.bootId && here !== undefined && there !== undefined) {
    return Math.max(0, there - here + (now.steady - clock.at.steady) / 1000);
  }

  if (stamp.clockSynced === false || stamp.time === undefined) return null;
  const seconds = (now.wall - Date.parse(stamp.time)) / 1000;
  return Number.isFinite(seconds) && seconds > -aheadSeconds ? Math.max(0, seconds) : null;
}
