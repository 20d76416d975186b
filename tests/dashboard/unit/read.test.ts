import { describe, expect, it } from "vitest";
import { maxPayloadBytes, read } from "../../../src/dashboard/src/wire/read";
import { parseTopic, type Kind } from "../../../src/dashboard/src/wire/topics";
import { bytes, health, inconclusive, live, status, verdict } from "./samples";

function fault(kind: Kind, payload: unknown): string {
  const reading = read({ device: "ward-1", kind }, payload instanceof Uint8Array ? payload : bytes(payload));
  return "fault" in reading ? reading.fault : "";
}

describe("read", () => {
  it.each([
    ["status", status("online")],
    ["live", live()],
    ["verdict", verdict(1)],
    ["health", health()],
  ] as const)("a %s as the contract says", (kind, body) => expect(fault(kind, body)).toBe(""));

  it.each([
    ["binary", new Uint8Array([0xff, 0xfe, 0, 1]), /UTF-8/],
    ["no JSON", "{", /not JSON/],
    ["a list", "[1]", /object/],
    ["null", "null", /object/],
    ["a number", "7", /object/],
    ["another version", { ...verdict(1), schema: 2 }, /version 2/],
    ["no version", { ...verdict(1), schema: undefined }, /no schema/],
    ["a wrong type", { ...verdict(1), alarm: "false" }, /alarm/],
    ["a wrong type inside", { ...verdict(1), quality: { score: "good" } }, /quality/],
    ["a normal with a reason", { ...verdict(1), reason: "noise" }, /reason/],
    ["an inconclusive that alarms", { ...verdict(1), verdict: "inconclusive" }, /reason|advice|alarm|confidence/],
    ["something missing", { ...verdict(1), sequence: undefined }, /sequence/],
    ["another device's", verdict(1, "ward-2"), /ward-2/],
    ["too much", "x".repeat(maxPayloadBytes + 1), /too large/],
    ["a version from a prototype", '{"__proto__":{"schema":1}}', /no schema/],
  ])("%s is not read, and why is said", (_, payload, why) => expect(fault("verdict", payload)).toMatch(why));

  it("words that a newer device says are read, but for those that the page decides by", () => {
    expect(fault("live", live("ward-1", 0, { hint: "turnLeft", scene: "dancing" }))).toBe("");
    expect(fault("health", health("ward-1", 0, { parts: { antenna: { level: "degraded", cause: "bent", message: null, since: "2026-11-21T10:00:00Z" } } }))).toBe("");
    expect(fault("health", health("ward-1", 0, { level: "splendid" }))).toMatch(/level/);
    expect(fault("verdict", verdict(1, "ward-1", 0, { ...inconclusive, reason: "tooFar", provider: "Abacus" }))).toBe("");
    expect(fault("verdict", verdict(1, "ward-1", 0, { provider: 7 }))).toMatch(/provider/);
    expect(fault("status", status("somewhere"))).toMatch(/status/);
  });
});

describe("parseTopic", () => {
  it.each([
    ["heartsound/a/verdict/latest", { device: "a", kind: "latest" }],
    ["heartsound/__proto__/live", { device: "__proto__", kind: "live" }],
    ["heartsound/a/state/mute", { device: "a", kind: "state" }],
    ["heartsound/a b/live", null],
    ["heartsound/<b>/live", null],
    ["heartsound//live", null],
    ["heartsound/a/verdict/oldest", null],
    ["other/a/live", null],
  ])("%s", (topic, expected) => expect(parseTopic(topic)).toEqual(expected));
});
