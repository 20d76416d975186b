import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { repository } from "./processes";
import { standing, Station, tile } from "./station";
import { settle } from "./ward";

// The pictures of docs/dashboard.md: `npm run screenshots` in src/dashboard writes them to docs/images. As a test they go nowhere, and show that they can be made.
const folder = process.env["SCREENSHOTS"] === undefined ? null : resolve(repository, process.env["SCREENSHOTS"]);

const station = new Station();
beforeAll(async () => {
  await station.start();
  if (folder !== null) mkdirSync(folder, { recursive: true });
});
afterAll(() => station.dispose());

it("the ward, by day and by night, and one device, also on a phone", async () => {
  const day = await station.connected("#/", { viewport: { width: 1440, height: 900 }, colorScheme: "light" });
  const night = await station.connected("#/device/bed-2", { viewport: { width: 1440, height: 1500 }, colorScheme: "dark" });
  const one = await station.connected("#/device/bed-2", { viewport: { width: 1440, height: 1500 }, colorScheme: "light" });
  const phone = await station.connected("#/", { viewport: { width: 360, height: 1500 }, colorScheme: "dark", isMobile: true, hasTouch: true });
  await settle((name) => station.player(name));
  for (const page of [day, phone]) {
    await standing(page, "bed-7", "silent");
    await standing(page, "bed-8", "offline");
    await standing(page, "bed-2", "alarm");
  }

  if (folder !== null) await new Promise((done) => setTimeout(done, 140_000)); // something to see on the chart
  expect(await tile(day, "bed-2").textContent()).toContain("Abnormal");
  for (const page of [day, one, phone, night]) await page.mouse.move(0, 400);
  const shots = [[day, "dashboard-ward"], [one, "dashboard-device"], [phone, "dashboard-phone"], [night, "dashboard-night"]] as const;
  for (const [page, name] of shots) await page.screenshot(folder === null ? {} : { path: `${folder}/${name}.png` });
}, 400_000);
