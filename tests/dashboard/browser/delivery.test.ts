import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { abnormal } from "../unit/samples";
import type { Player } from "./player";
import { standing, Station, tile } from "./station";

const station = new Station();
let player: Player;
beforeAll(async () => {
  await station.start();
  player = await station.player("ward-1");
  player.speak();
});
afterEach(() => expect(station.complaints).toEqual([]));
afterAll(() => station.dispose());

it("while the broker is away nothing looks current; when it is back the page is too, and what was said meanwhile", async () => {
  const page = await station.connected();
  await player.conclude(1);
  await standing(page, "ward-1", "normal");
  await station.broker.stop();
  await standing(page, "ward-1", "unconnected");
  await page.getByText(/No connection to ws:.*What is shown below is old/).waitFor();
  await tile(page, "ward-1").getByText(/Earlier: normal/).waitFor();
  expect(await page.title()).toContain("No connection");

  await station.broker.resume();
  await player.conclude(2, abnormal);
  await standing(page, "ward-1", "alarm");
  expect(await page.locator("#banner").isVisible()).toBe(false);
});

it("a verdict that never came is missed, one that comes twice is not shown twice", async () => {
  const page = await station.connected("#/device/ward-1");
  await page.locator(".history tbody tr").first().waitFor(); // the one that the broker kept
  await player.conclude(3);
  await player.conclude(6);
  await page.getByText("2 verdicts missing (No. 4 to 5)").waitFor();
  await player.conclude(6);
  await player.conclude(4);
  await player.conclude(5);
  await page.locator(".history .note", { hasText: "5 verdicts; 1 repeat dropped." }).waitFor();
  const numbers = await page.locator(".history tbody tr td:last-child").allTextContents();
  expect(numbers).toEqual(["6", "5", "4", "3", "2"]);
});

it("a normal that the broker had kept for hours is said to be old", async () => {
  const other = await station.player("ward-2");
  await other.conclude(1, {}, 3 * 3600);
  other.speak();
  const page = await station.connected();
  await standing(page, "ward-2", "idle");
  await tile(page, "ward-2").getByText("Earlier: normal, 3 h ago").waitFor();
});

it("a device whose clock is not set is said to be so, and its verdict's age is right all the same", async () => {
  const other = await station.player("ward-3");
  const unset = { clockSynced: false, time: "1970-01-01T00:00:10Z" };
  other.live = unset;
  other.speak();
  await other.conclude(1, unset, 125);
  const page = await station.connected();
  await standing(page, "ward-3", "normal");
  await tile(page, "ward-3").getByText("Its clock is not set").waitFor();
  await tile(page, "ward-3").getByText("Normal, 2 min ago").waitFor();
});

it("a retired device goes away", async () => {
  const page = await station.connected();
  const other = await station.player("ward-4");
  other.speak();
  await standing(page, "ward-4", "idle");
  other.hush();
  await other.say("status", Buffer.alloc(0), true);
  await tile(page, "ward-4").waitFor({ state: "detached" });
});
