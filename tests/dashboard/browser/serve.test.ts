import { request } from "node:http";
import { createServer, type AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { heartsound, Running } from "./processes";

// `heartsound dashboard`, by plain HTTP.
let server: Running;
let address: string;
beforeAll(async () => {
  server = new Running(heartsound, "dashboard", "--port", "0", "--broker-url", "wss://broker.example:9001");
  address = (await server.says(/at (http:\/\/127\.0\.0\.1:\d+) until/))[1] ?? "";
});
afterAll(() => server.end());

it("every answer says what the page may do", async () => {
  for (const path of ["/", "/index.html", "/config.json", "/nothing", "/favicon.svg"]) {
    const { headers } = await fetch(address + path);
    expect(headers.get("content-security-policy"), path).toContain("frame-ancestors 'none'");
    expect(headers.get("x-content-type-options"), path).toBe("nosniff");
    expect(headers.get("referrer-policy"), path).toBe("no-referrer");
    expect(headers.get("server"), path).toBeNull();
  }
});

it("the page is asked for anew, what has its hash in its name is kept", async () => {
  const page = await fetch(address);
  expect(page.headers.get("cache-control")).toBe("no-cache");
  const script = /src="\.(\/assets\/[^"]+\.js)"/.exec(await page.text())?.[1] ?? "";
  const answer = await fetch(address + script);
  expect(answer.headers.get("content-type")).toMatch(/javascript/);
  expect(answer.headers.get("cache-control")).toContain("immutable");
  expect(await (await fetch(`${address}/config.json`)).json()).toEqual({ brokerUrl: "wss://broker.example:9001" });
});

function plain(method: string, path: string): Promise<number | undefined> {
  return new Promise((done, failed) => request(address, { method, path }, (answer) => done(answer.resume().statusCode)).once("error", failed).end());
}

it.each([
  ["GET", "/../heartsound.dll", 404],
  ["GET", "/%2e%2e/heartsound.dll", 404],
  ["GET", "/..%2fheartsound.dll", 404],
  ["GET", "/.built", 404],
  ["GET", "/assets/", 404],
  ["POST", "/", 405],
  ["DELETE", "/index.html", 405],
  ["HEAD", "/config.json", 200],
])("%s %s is answered with %i", async (method, path, code) => expect(await plain(method, path)).toBe(code));

it.each([
  ["a broker that no browser reaches", ["--broker-url", "mqtt://host"], 2, /must be ws:/],
  ["a password in the address", ["--broker-url", "ws://ann:secret@host"], 2, /without user and password/],
  ["an impossible port", ["--port", "70000"], 2, /must be 0 to 65535/],
  ["an impossible address", ["--bind", "here"], 2, /must be an IP address/],
  ["an address of another machine", ["--bind", "192.0.2.1", "--port", "0"], 4, /no such address/],
  ["files that are not there", ["--files", "/nowhere"], 4, /make build/],
])("%s is refused with words", async (_, parameters, code, words) => {
  const program = new Running(heartsound, "dashboard", ...parameters);
  expect(await program.code(), program.output).toBe(code);
  expect(program.output).toMatch(words);
  expect(program.output).not.toMatch(/\n {3}at |Unhandled/);
});

it("a port that is taken is said to be so", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await new Promise((done) => other.once("listening", done));
  const program = new Running(heartsound, "dashboard", "--port", String((other.address() as AddressInfo).port));
  expect(await program.code()).toBe(4);
  expect(program.output).toMatch(/is taken by another program/);
  other.close();
});

it.each(["SIGTERM", "SIGINT"] as const)("%s ends it well", async (signal) => {
  const program = new Running(heartsound, "dashboard", "--port", "0");
  await program.says(/until interrupted/);
  expect(await program.end(signal), program.output).toBe(0);
});
