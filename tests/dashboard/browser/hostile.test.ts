import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { type Body, health, inconclusive, live, status, verdict } from "../unit/samples";
import type { Player } from "./player";
import { Station, tile } from "./station";

const station = new Station();
let evil: Player;
beforeAll(async () => {
  await station.start();
  evil = await station.player("evil");
});
afterEach(() => expect(station.complaints).toEqual([]));
afterAll(() => station.dispose());

const attack = `<img src=x onerror="window.broken=1"><script>window.broken=1</script><svg onload="window.broken=1">"'--></style>{{7*7}}\u202e`;

/** The attack in the place of every text that the contract lets be any text, at any depth. */
function poisoned(body: Body, kept: ReadonlySet<string>): Body {
  const poison = (value: unknown, key: string): unknown => {
    if (typeof value === "string") return kept.has(key) ? value : attack;
    if (Array.isArray(value)) return value.map((one) => poison(one, key));
    if (typeof value === "object" && value !== null) return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, poison(one, name)]));
    return value;
  };
  return poison(body, "") as Body;
}

// What the schemas pin down to numbers, dates and lists of words.
const pinned = new Set(["device", "session", "time", "bootId", "series", "id", "sha256", "since", "reason", "site", "provider", "level", "status", "examination", "result"]);

it("markup in every text is text", async () => {
  const page = await station.connected("#/device/evil");
  evil.live = poisoned({ hint: "x", scene: "y", opinion: "z" }, pinned);
  evil.speak();
  await evil.say("status", { ...poisoned(status("online", "evil"), pinned), ...evil.stamp() }, true);
  const parts = { [attack]: { level: "failed", cause: attack, message: attack, since: "2026-11-21T10:00:00Z" } };
  await evil.say("health", { ...poisoned(health("evil"), pinned), ...evil.stamp(), level: "failed", parts, counters: { [attack]: 1, __proto__: 2 }, heat: { zones: [], hottest: { name: attack, celsius: 40 }, throttled: true, powerMode: attack } }, true);
  const body = poisoned({ ...verdict(1, "evil"), ...inconclusive }, new Set([...pinned, "verdict"]));
  await evil.say("verdict", { ...body, ...evil.stamp(), probabilities: { [attack]: 1 } });
  await evil.say("verdict", { ...poisoned({ ...verdict(2, "evil"), alarm: true }, pinned), ...evil.stamp(), findings: [attack] });
  await evil.say("state/identify", { schema: 1, ...evil.stamp(), command: "identify", commandId: attack.slice(0, 60), result: "refused", cause: attack, message: attack, value: { until: null, [attack]: attack } });

  await page.locator(".parts").getByText("onerror").first().waitFor();
  await page.locator(".history tbody tr").nth(1).waitFor();
  await page.locator(".provenance").getByText("<script>").first().waitFor();
  await page.goto(`${station.address}/#/`);
  await tile(page, "evil").getByText("<img src=x").first().waitFor();
  expect(await page.evaluate("window.broken")).toBeUndefined();
  expect(await page.locator("img, script:not([src]), iframe, object, style").count()).toBe(0);
});

it("what is no message is shown as such, and the page goes on", async () => {
  const page = await station.connected();
  const good = await station.player("good");
  good.speak();
  await good.conclude(1);
  const junk: (Buffer | string)[] = [
    Buffer.alloc(1024 * 1024, 0x41),
    JSON.stringify({ ...verdict(3, "evil"), advice: "x".repeat(1024 * 1024) }),
    Buffer.from([0xff, 0x00, 0xfe, 0x80]),
    "[".repeat(50_000),
    '{"__proto__":{"schema":1,"broken":1},"constructor":{"prototype":{"broken":1}}}',
    JSON.stringify({ ...verdict(4, "evil"), schema: 2 }),
    JSON.stringify({ ...verdict(5, "evil"), quality: null }),
    JSON.stringify({ ...verdict(6, "evil"), sequence: 1e400 }),
    JSON.stringify({ ...verdict(7, "good") }),
    "null",
    '"text"',
    '{"schema":1,"schema":1e309}',
  ];
  for (const payload of junk) await evil.say("verdict", payload);
  for (const kind of ["live", "health", "status", "state/examination"]) for (const payload of junk.slice(2, 5)) await evil.say(kind, payload);
  await evil.say("live", { ...live("evil"), levelDb: "loud" });

  await page.locator('.tile[data-standing="normal"]', { hasText: "good" }).waitFor();
  await tile(page, "evil").getByText(/unreadable messages/).waitFor();
  await tile(page, "evil").getByRole("link").click();
  for (const why of [/too large: 1,048,576 bytes/, /not text in UTF-8/, /not JSON/, /no schema version/, /schema version 2; this page knows version 1/, /quality/, /it is of device "good"/]) {
    await page.locator(".trouble").getByText(why).first().waitFor();
  }

  expect(await page.evaluate("({}).broken")).toBeUndefined();
});

it("devices called like JavaScript's own, numbers without end, and devices without end", async () => {
  const page = await station.connected();
  for (const name of ["__proto__", "constructor", "hasOwnProperty"]) (await station.player(name)).speak();
  const many = await station.player("many");
  await many.say("verdict", { ...verdict(1, "many"), ...many.stamp() });
  await many.say("verdict", { ...verdict(2, "many"), ...many.stamp(), sequence: 9e15 });
  await tile(page, "__proto__").waitFor();
  await tile(page, "constructor").waitFor();
  await tile(page, "many").getByText("over a million verdicts missing").waitFor();
  const flood = await station.player("flood");
  const messages: Promise<void>[] = [];
  for (let n = 0; n < 1100; n++) messages.push(flood.raw(`heartsound/flood-${n}/status`, JSON.stringify(status("online", `flood-${n}`))));
  await Promise.all(messages);
  await page.getByText(/There are more devices than this page shows/).waitFor();
  expect(await page.locator(".tile").count()).toBe(1000);
});
