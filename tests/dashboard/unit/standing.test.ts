import { beforeEach, describe, expect, it } from "vitest";
import { inOrder } from "../../../src/dashboard/src/page/overview";
import { titleOf } from "../../../src/dashboard/src/page/title";
import { viewOf, type View } from "../../../src/dashboard/src/state/standing";
import { Store } from "../../../src/dashboard/src/state/store";
import type { Now } from "../../../src/dashboard/src/state/time";
import { abnormal, bytes, failed, health, inconclusive, live, PlayedClock, status, uuid, verdict } from "./samples";

const name = "ward-1";
let clock: PlayedClock;
let store: Store;
let connected: Now | null;

function say(kind: string, body: unknown, retained = false, device = name): void {
  store.take(`heartsound/${device}/${kind}`, bytes(body), retained);
}

function view(device = name): View {
  const found = store.devices.get(device);
  if (found === undefined) throw new Error("no such device");
  return viewOf(found, clock.now(), connected);
}

function after(seconds: number): void {
  clock.seconds = seconds;
}

beforeEach(() => {
  clock = new PlayedClock();
  store = new Store(clock.now);
  connected = clock.now();
});

describe("standing", () => {
  it("a verdict of a device that speaks is current", () => {
    say("status", status("online"));
    say("live", live());
    say("verdict", verdict(1));
    expect(view()).toMatchObject({ standing: "normal", isCurrent: true });
  });

  it.each([
    ["alarm", abnormal],
    ["unsure", inconclusive],
  ])("%s by its verdict", (standing, changes) => {
    say("status", status("online"));
    say("live", live());
    say("verdict", verdict(1, name, 0, changes));
    expect(view().standing).toBe(standing);
  });

  it("a device that says nothing for over 5 s is silent, and its normal counts no more", () => {
    say("status", status("online"));
    say("verdict", verdict(1));
    say("live", live());
    after(4.9);
    expect(view().standing).toBe("normal");
    after(5.1);
    expect(view()).toMatchObject({ standing: "silent", isCurrent: false });
  });

  it("what the broker had kept is no sign of life: first waited for, then silent", () => {
    say("status", status("online"), true);
    say("health", health(), true);
    say("verdict/latest", verdict(1), true);
    expect(view()).toMatchObject({ standing: "waiting", isCurrent: false });
    after(6);
    expect(view().standing).toBe("silent");
  });

  it("offline by the last will at once, and stopped is no trouble", () => {
    say("status", status("online"));
    say("live", live());
    say("verdict", verdict(1));
    say("status", status("offline"));
    expect(view()).toMatchObject({ standing: "offline", isCurrent: false });
    say("status", status("stopped"));
    expect(view()).toMatchObject({ standing: "stopped", isCurrent: false });
  });

  it("without a connection nothing is known of anybody; after it everybody is heard anew", () => {
    say("live", live());
    say("verdict", verdict(1));
    connected = null;
    expect(view()).toMatchObject({ standing: "unconnected", isCurrent: false });
    after(60);
    connected = clock.now();
    expect(view()).toMatchObject({ standing: "waiting", isCurrent: false });
    say("live", live(name, 60));
    expect(view().standing).toBe("normal");
  });

  it("a fault hides a verdict", () => {
    say("live", live());
    say("verdict", verdict(1));
    say("health", health(name, 0, failed("unplugged", "Plug it in.")));
    expect(view()).toMatchObject({ standing: "fault", isCurrent: false });
  });

  it("a normal that is older than ten minutes is not current", () => {
    say("verdict", verdict(1));
    after(601);
    say("live", live(name, 601));
    expect(view()).toMatchObject({ standing: "idle", isCurrent: false });
  });

  it("something that was found stays until the next verdict", () => {
    say("verdict", verdict(1, name, 0, abnormal));
    after(3600);
    say("live", live(name, 3600));
    expect(view()).toMatchObject({ standing: "alarm", isCurrent: false });
  });

  it("while the next examination is under way the verdict is an earlier one", () => {
    say("verdict", verdict(1));
    say("live", live(name, 0, { phase: "examining", examination: uuid(7), remainingSeconds: 12 }));
    expect(view()).toMatchObject({ standing: "examining", isCurrent: false });
  });

  it("between two sites the examination is under way", () => {
    say("verdict", verdict(1));
    say("live", live(name, 0, { phase: "betweenSites", examination: uuid(7) }));
    expect(view()).toMatchObject({ standing: "examining", isCurrent: false });
  });

  it("a verdict that waited in the outbox is as old as it is, whatever the clocks say", () => {
    after(900);
    say("live", live(name, 900, { clockSynced: false, time: "1970-01-01T00:00:00Z" }));
    say("verdict", verdict(1, name, 0, { clockSynced: false, time: "1970-01-01T00:00:00Z" }));
    expect(view()).toMatchObject({ standing: "idle", isCurrent: false });
    expect(view().verdictAge).toBeCloseTo(900, 0);
  });

  it.each([
    ["an unset clock", { clockSynced: false }],
    ["a time in the future", { time: "2031-01-01T00:00:00Z" }],
    ["an impossible time", { time: "2026-99-99T99:99:99Z" }],
  ])("%s in another start leaves the age unknown, and the verdict old", (_, changes) => {
    say("verdict", verdict(1, name, 0, { bootId: uuid(99), ...changes }));
    say("live", live());
    expect(view()).toMatchObject({ standing: "idle", isCurrent: false, verdictAge: null });
  });

  it("messages that cannot be read are seen until they can be read again", () => {
    say("live", live());
    say("verdict", { ...verdict(1), alarm: "no" });
    expect(view().standing).toBe("unreadable");
    say("verdict", verdict(2));
    expect(view().standing).toBe("normal");
  });

  it("only recordings being played need no live messages", () => {
    say("status", status("online"));
    after(60);
    expect(view().standing).toBe("idle");
    say("verdict", verdict(1, name, 60));
    after(100);
    expect(view().standing).toBe("normal");
    after(140);
    expect(view().standing).toBe("silent");
  });
});

describe("order and title", () => {
  it("who needs somebody comes first", () => {
    for (const device of ["calm", "ill", "lost", "quiet", "broken", "unsure", "idle"]) say("live", live(device), false, device);
    say("verdict", verdict(1, "calm"), false, "calm");
    say("verdict", verdict(1, "ill", 0, abnormal), false, "ill");
    say("verdict", verdict(1, "unsure", 0, inconclusive), false, "unsure");
    say("status", status("offline", "lost"), false, "lost");
    say("health", health("broken", 0, failed("unplugged", "Plug it in.")), false, "broken");
    after(6);
    for (const device of ["calm", "ill", "lost", "broken", "unsure", "idle"]) say("live", live(device, 6), false, device);
    const seen = [...store.devices.values()].map((device) => ({ device, view: viewOf(device, clock.now(), connected) }));
    expect(inOrder(seen).map((one) => one.device.name)).toEqual(["broken", "lost", "quiet", "ill", "unsure", "calm", "idle"]);
    expect(titleOf("connected", seen)).toBe("(5) Fault: broken – HeartSound");
    expect(titleOf("connecting", seen)).toContain("No connection");
  });
});
