import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import type { Page } from "playwright-core";
import { type Body, uuid } from "../unit/samples";
import { Station } from "./station";

const station = new Station();
const asked: { command: string; body: Body }[] = [];
let page: Page;
beforeAll(async () => {
  await station.start();
  const device = await station.player("ward-1");
  device.speak();
  await device.obey((command, body) => {
    asked.push({ command, body });
    if (command === "mute") return { result: "refused", cause: "notNow", message: "A fault is shown and cannot be muted.", value: { until: null } };
    if (command === "restart-capture") return null;
    return { value: command === "examination" ? { phase: "examining", site: body["site"] ?? null, examination: uuid(1), sites: [] } : { until: null } };
  });
  page = await station.connected("#/device/ward-1");
});
afterEach(() => expect(station.complaints).toEqual([]));
afterAll(() => station.dispose());

async function press(name: string): Promise<void> {
  await page.getByRole("button", { name, exact: true }).click();
}

it("an examination is begun at a site and ended, and the device's answer is shown", async () => {
  await page.getByLabel("Examine at").selectOption("MV");
  await press("Start");
  await page.getByText("Start an examination at MV: done.").waitFor();
  await press("Stop");
  await page.getByText("Stop the examination: done.").waitFor();
  await page.getByLabel("Examine at").selectOption("");
  await press("Start");
  await page.getByText("Start an examination: done.").waitFor();
  const bodies = asked.map(({ command, body: { id, ...rest } }) => ({ command, id: typeof id === "string" && id.length <= 64, rest }));
  expect(bodies).toEqual([
    { command: "examination", id: true, rest: { action: "start", site: "MV" } },
    { command: "examination", id: true, rest: { action: "stop" } },
    { command: "examination", id: true, rest: { action: "start" } },
  ]);
  expect(new Set(asked.map(({ body }) => body["id"])).size).toBe(3);
});

it("a refusal is shown with its reason", async () => {
  await page.getByLabel("Lamps dark for").selectOption("15");
  await press("Mute");
  await page.getByText("Mute: the device refuses: A fault is shown and cannot be muted.").waitFor();
  expect(asked.at(-1)).toMatchObject({ command: "mute", body: { minutes: 15 } });
});

it("no answer is said to be none", async () => {
  await press("Restart capture");
  await page.getByText("Restart capture: waiting for the device …").waitFor();
  await page.getByText(/Restart capture: no answer in 10 s\. Nobody knows/).waitFor();
});

it("without a connection nothing is sent, now or later", async () => {
  const before = asked.length;
  await station.broker.stop();
  await page.locator('.device-top[data-standing="unconnected"]').waitFor();
  await page.getByRole("button", { name: "Identify" }).click({ force: true }); // it says that it is disabled, and answers all the same
  await page.getByText("Identify: not sent: there is no connection to the broker.").waitFor();
  await station.broker.resume();
  await page.locator('.device-top:not([data-standing="unconnected"])').waitFor();
  await press("Identify");
  await page.getByText("Identify: done.").waitFor();
  expect(asked.slice(before).map(({ command }) => command)).toEqual(["identify"]);
});
