import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { abnormal } from "../unit/samples";
import { standing, Station, tile } from "./station";
import { settle } from "./ward";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const station = new Station();
beforeAll(async () => {
  await station.start();
  await settle((name) => station.player(name));
});
afterEach(() => expect(station.complaints).toEqual([]));
afterAll(() => station.dispose());

interface Violation {
  id: string;
  nodes: { target: string[]; failureSummary: string }[];
}

/** What axe-core finds against WCAG 2.1 A and AA. The page's policy lets nothing in, so the checker comes by the debugger. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const found = (await page.evaluate("axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] }).then((r) => r.violations)")) as Violation[];
  return found.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(" ")}: ${node.failureSummary}`));
}

async function settled(page: Page): Promise<void> {
  await standing(page, "bed-7", "silent");
  await standing(page, "bed-2", "alarm");
}

for (const colorScheme of ["light", "dark"] as const) {
  it(`axe-core finds nothing, ${colorScheme}`, async () => {
    const page = await station.connected("#/", { colorScheme });
    await settled(page);
    expect(await violations(page)).toEqual([]);
    for (const name of ["bed-2", "bed-6"]) {
      await tile(page, name).getByRole("link").click();
      await page.locator(".parts li").first().waitFor();
      await page.getByText("Counters, heat").click();
      expect(await violations(page)).toEqual([]);
      await page.getByRole("link", { name: "← All devices" }).click();
    }

    await page.goto(`${station.address}/#/broker`);
    await page.getByRole("heading", { name: "Connect to a broker" }).waitFor();
    expect(await violations(page)).toEqual([]);
  });
}

it("axe-core finds what is wrong", async () => {
  const page = await station.connected();
  await settled(page);
  await page.evaluate("document.querySelector('footer p').style.color = '#9aa0a6'; document.querySelector('main').append(document.createElement('input'))");
  expect(new Set((await violations(page)).map((found) => found.split(":")[0]))).toEqual(new Set(["color-contrast", "label"]));
});

it.each([320, 360, 768, 1920])("%i pixels wide nothing has to be scrolled sideways", async (width) => {
  const page = await station.connected("#/", { viewport: { width, height: 800 } });
  await settled(page);
  const overhang = (): Promise<unknown> => page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
  expect(await overhang()).toBe(0);
  await tile(page, "bed-2").getByRole("link").click();
  await page.locator(".chart canvas").waitFor();
  await page.locator(".history tbody tr").first().waitFor();
  expect(await overhang()).toBe(0);
});

it("the keyboard reaches everything, and sees where it is", async () => {
  const page = await station.page();
  await page.goto(`${station.address}/`);
  await page.getByLabel("Broker address").waitFor();
  expect(await page.evaluate("document.activeElement.id")).toBe("broker-address");
  await page.keyboard.press("Enter");
  await settled(page);

  // The first who needs somebody is the first that Tab comes to after the header.
  await page.locator(".connection").focus();
  await page.keyboard.press("Tab");
  expect(await page.evaluate("document.activeElement.getAttribute('href')")).toBe("#/device/bed-6");
  expect(await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")).toBe("solid");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "bed-6", level: 1 }).waitFor();
  const reached = new Set<string>();
  for (let n = 0; n < 20; n++) {
    await page.keyboard.press("Tab");
    reached.add((await page.evaluate("document.activeElement.textContent.trim().slice(0, 20) || document.activeElement.id")) as string);
  }
  for (const name of ["Start", "Stop", "Mute", "Identify", "Restart capture", "Counters, heat"]) expect(reached).toContain(name);
});

it("a tile that moves keeps the keyboard's place", async () => {
  const device = await station.player("bed-10");
  device.speak();
  const page = await station.connected();
  await standing(page, "bed-10", "idle");
  await tile(page, "bed-10").getByRole("link").focus();
  await device.conclude(1, abnormal);
  await standing(page, "bed-10", "alarm");
  expect(await page.evaluate("document.activeElement.getAttribute('href')")).toBe("#/device/bed-10");
});

it("an alarm is said at once, a normal when it is quiet", async () => {
  const device = await station.player("bed-11");
  device.speak();
  const page = await station.connected();
  await standing(page, "bed-11", "idle");
  await device.conclude(1);
  await page.locator("#polite", { hasText: "bed-11: Normal." }).waitFor({ state: "attached" });
  await device.conclude(2, abnormal);
  await page.locator("#assertive", { hasText: "bed-11: Abnormal." }).waitFor({ state: "attached" });
});
