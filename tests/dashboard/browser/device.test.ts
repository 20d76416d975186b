import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { until } from "./processes";
import { standing, Station, tile } from "./station";

// The real program over a real broker.
const station = new Station();
const folder = mkdtempSync(join(tmpdir(), "heartsound-recordings-"));
beforeAll(() => station.start());
afterEach(() => expect(station.complaints).toEqual([]));
afterAll(async () => {
  await station.dispose();
  rmSync(folder, { recursive: true, force: true });
});

it("a device appears, is heard and gives a verdict; stopped it is silent; killed it is offline", async () => {
  const page = await station.connected();
  const device = station.device("bed-1");
  await standing(page, "bed-1", "examining");
  await tile(page, "bed-1").getByText(/normal, .* ago|normal, just now/i).waitFor();

  await tile(page, "bed-1").getByRole("link").click();
  await page.getByRole("heading", { name: "bed-1", level: 1 }).waitFor();
  await page.locator(".history tbody tr").first().getByText("normal").waitFor();
  await page.getByText(/Newest window: alarm .*%, heart \d+ bpm/).waitFor();
  await page.locator(".parts").getByText("Model", { exact: true }).waitFor();
  await page.getByText("physionet2016-cnn-small").waitFor();

  device.signal("SIGSTOP");
  await page.locator('.device-top[data-standing="silent"]').waitFor();
  await page.getByText("Nothing is heard").waitFor();
  expect(await page.title()).toBe("(1) Silent: bed-1 – HeartSound");
  device.signal("SIGCONT");
  await page.locator('.device-top:not([data-standing="silent"])').waitFor();

  device.signal("SIGKILL");
  await page.locator('.device-top[data-standing="offline"]').waitFor();
  await page.getByText(/Earlier: normal/).waitFor();
});

it("recordings that are replayed show their verdicts, one each", async () => {
  const page = await station.connected("#/device/player");
  await page.getByText("Nothing was heard of a device called player.").waitFor();
  const heart = join(folder, "heart.wav");
  const murmur = join(folder, "murmur.wav");
  expect(await station.program("simulate", "--out", heart, "--seconds", "20", "--seed", "7").code()).toBe(0);
  expect(await station.program("simulate", "--out", murmur, "--seconds", "20", "--bpm", "80", "--murmur", "systolic", "--murmur-level", "0.4", "--seed", "7").code()).toBe(0);
  const replay = station.program("replay", "--fast", "--publish-file-names", "--broker", station.broker.address, "--device", "player", heart, murmur);
  await page.locator('.device-top[data-standing="stopped"]').waitFor();
  expect(await replay.code()).toBe(0);
  const rows = await page.locator(".history tbody tr .history-verdict").allTextContents();
  expect(rows).toEqual(["!abnormal", "normal"]);
  await page.getByText("murmur.wav").waitFor();
});

it("a device obeys: an examination at a site from start to verdict, mute, identify; and refuses with words", async () => {
  const page = await station.connected("#/device/bed-2");
  station.device("bed-2", "button");
  await page.locator('.device-top[data-standing="idle"]').waitFor();
  const press = (name: string): Promise<void> => page.getByRole("button", { name, exact: true }).click();

  await page.getByLabel("Examine at").selectOption("MV");
  // While it is still starting it refuses.
  const answer = page.locator(".answer");
  await until("the device takes it", async () => {
    await press("Start");
    await page.locator('.answer:not([data-outcome="waiting"])').waitFor();
    return (await answer.textContent()) === "Start an examination at MV: done.";
  }, () => "", 1500);
  await page.locator('[data-site="MV"][data-here]').waitFor();
  await page.getByText("On to the next site.").waitFor();
  await press("Stop");
  await page.getByText("Stop the examination: done.").waitFor();
  await page.locator(".history tbody tr", { hasText: "MV" }).waitFor();
  await page.locator('[data-site="MV"]', { hasText: "normal" }).waitFor();

  await press("Mute");
  await page.getByText("Mute: done.").waitFor();
  await page.getByText("Lamps muted").waitFor();
  await press("Identify");
  await page.getByText("Identify: done.").waitFor();
  await press("Stop");
  await page.getByText(/Stop the examination: the device refuses: ./).waitFor();
});
