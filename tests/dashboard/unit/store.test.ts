import { describe, expect, it } from "vitest";
import { maxDevices, Store } from "../../../src/dashboard/src/state/store";
import { bytes, live, PlayedClock, status, verdict } from "./samples";

describe("store", () => {
  it("knows at most so many devices, and says that there are more", () => {
    const store = new Store(new PlayedClock().now);
    for (let n = 0; n < maxDevices + 5; n++) store.take(`heartsound/d${n}/status`, bytes(status("online", `d${n}`)), true);
    expect(store.devices.size).toBe(maxDevices);
    expect(store.beyond).toBe(5);
  });

  it("a device's name may be any word, also one of JavaScript's own", () => {
    const store = new Store(new PlayedClock().now);
    for (const name of ["__proto__", "constructor", "toString"]) store.take(`heartsound/${name}/live`, bytes(live(name)), false);
    expect([...store.devices.keys()]).toEqual(["__proto__", "constructor", "toString"]);
    expect(({} as Record<string, unknown>)["schema"]).toBeUndefined();
  });

  it("a flood is counted and left out; a thousand verdicts at once are not", () => {
    const clock = new PlayedClock();
    const store = new Store(clock.now);
    for (let n = 1; n <= 1000; n++) store.take("heartsound/ward-1/verdict", bytes(verdict(n)), false);
    expect(store.devices.get("ward-1")).toMatchObject({ leftOut: 0, verdict: { body: { sequence: 1000 } } });
    for (let n = 0; n < 10_000; n++) store.take("heartsound/ward-1/live", bytes(live()), false);
    expect(store.devices.get("ward-1")?.leftOut).toBeGreaterThan(6000);
    clock.seconds = 1;
    store.take("heartsound/ward-1/live", bytes(live("ward-1", 1)), false);
    expect(store.devices.get("ward-1")?.live?.body.monotonicSeconds).toBe(1001);
  });

  it("what is no message of a device is counted, bad ones by device and why, in bounds", () => {
    const store = new Store(new PlayedClock().now);
    store.take("heartsound/a b/live", bytes("{}"), false);
    for (let n = 0; n < 50; n++) store.take("heartsound/ward-1/verdict", bytes({ schema: n + 2 }), false);
    for (let n = 0; n < 3; n++) store.take("heartsound/ward-1/live", bytes("no"), false);
    const problems = store.devices.get("ward-1")?.problems;
    expect(store.foreign).toBe(1);
    expect(problems?.total).toBe(53);
    expect(problems?.list()).toHaveLength(20);
    expect(problems?.list()[0]).toMatchObject({ topic: "heartsound/ward-1/live", why: "not JSON", count: 3 });
  });

  it("a device whose retained status is taken back is gone", () => {
    const store = new Store(new PlayedClock().now);
    store.take("heartsound/ward-1/status", bytes(status("online")), true);
    store.take("heartsound/ward-1/status", new Uint8Array(), false);
    expect(store.devices.size).toBe(0);
  });

  it("the newest verdict is the one with the highest number, in whatever order they come", () => {
    const store = new Store(new PlayedClock().now);
    for (const n of [2, 4, 3]) store.take("heartsound/ward-1/verdict", bytes(verdict(n)), false);
    expect(store.devices.get("ward-1")?.verdict?.body.sequence).toBe(4);
  });

  it("the picture of the last minutes has an end, and no line over a silence", () => {
    const clock = new PlayedClock();
    const store = new Store(clock.now);
    for (clock.seconds = 0; clock.seconds < 900; clock.seconds += 0.5) if (clock.seconds < 700 || clock.seconds > 720) store.take("heartsound/ward-1/live", bytes(live("ward-1", clock.seconds)), false);
    const trend = store.devices.get("ward-1")?.trend;
    expect(trend?.seconds.length).toBeLessThanOrEqual(700);
    expect(trend?.alarm.filter((p) => p === null)).toHaveLength(1);
    expect((trend?.seconds.at(-1) ?? 0) - (trend?.seconds[0] ?? 0)).toBeLessThanOrEqual(300);
  });
});
