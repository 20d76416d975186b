import { afterAll, beforeAll, expect, it } from "vitest";
import { Broker } from "./broker";
import { Station } from "./station";

const station = new Station();
const guarded = new Broker();
beforeAll(async () => {
  await station.start();
  await guarded.start({ nurse: "s3cret-word" });
});
afterAll(async () => {
  await station.dispose();
  await guarded.dispose();
});

const stores = "JSON.stringify([{ ...localStorage }, { ...sessionStorage }])";

it("who may not in is told; the password stays in this tab, and is in no address", async () => {
  const page = await station.page();
  await page.goto(`${station.address}/#/device/ward-1`);
  await page.getByLabel("Broker address").fill(guarded.webAddress);
  await page.getByLabel("User").fill("nurse");
  await page.getByLabel("Password", { exact: true }).fill("wrong");
  await page.getByRole("button", { name: "Connect" }).click();
  await page.getByText("The broker does not let this user in.").or(page.getByText("The broker refuses this user name or password.")).first().waitFor();

  await page.locator(".connection").click();
  await page.getByLabel("Password", { exact: true }).fill("s3cret-word");
  await page.getByRole("button", { name: "Connect" }).click();
  await page.locator('.connection[data-phase="connected"]').waitFor();
  const [lasting, passing] = JSON.parse((await page.evaluate(stores)) as string) as Record<string, string>[];
  expect(JSON.stringify(lasting)).not.toContain("s3cret-word");
  expect(JSON.stringify(passing)).toContain("s3cret-word");
  expect(page.url()).not.toContain("s3cret-word");

  await page.reload();
  await page.locator('.connection[data-phase="connected"]').waitFor();

  await page.locator(".connection").click();
  await page.getByLabel(/Remember the password/).check();
  await page.getByRole("button", { name: "Connect" }).click();
  await page.locator('.connection[data-phase="connected"]').waitFor();
  expect(await page.evaluate("JSON.stringify({ ...localStorage })")).toContain("s3cret-word");
  await page.locator(".connection").click();
  await page.getByRole("button", { name: "Forget all" }).click();
  expect(await page.evaluate(stores)).toBe("[{},{}]");
});

it("an address that cannot be is said to be so, by the field", async () => {
  const page = await station.page();
  await page.goto(station.address);
  await page.getByLabel("Broker address").fill("mqtt://host:1883");
  await page.getByRole("button", { name: "Connect" }).click();
  await page.getByText(/by ws:\/\/ or wss:\/\/ only/).waitFor();
  expect(await page.evaluate("document.activeElement.id")).toBe("broker-address");
});

it("a broker that is not there is tried again for ever, and that is said", async () => {
  const page = await station.page();
  await page.goto(station.address);
  await page.getByLabel("Broker address").fill("ws://127.0.0.1:9");
  await page.getByRole("button", { name: "Connect" }).click();
  await page.getByText(/No connection to ws:\/\/127\.0\.0\.1:9.*Trying again, for ever/).waitFor();
  expect(await page.title()).toContain("No connection");
});
