import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { validatorCode } from "../../../src/dashboard/build/schemas";
import { brokerAddress } from "../../../src/dashboard/src/broker/login";
import { parseRoute } from "../../../src/dashboard/src/page/route";
import { percent, words } from "../../../src/dashboard/src/page/words";

const repository = resolve(import.meta.dirname, "../../..");
const source = join(repository, "src/dashboard");

function sources(folder = join(source, "src")): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts")).map((file) => join(folder, file));
}

describe("what the sources may not do", () => {
  const forbidden = /innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|DOMParser|srcdoc|\beval\(|new Function|setHTML|javascript:|https?:\/\/(?!www\.w3\.org\/2000\/svg)/;

  it("no text becomes markup or code, and nothing comes from elsewhere", () => {
    const files = sources();
    expect(files.length).toBeGreaterThan(30);
    for (const file of files) expect(readFileSync(file, "utf8"), file).not.toMatch(forbidden);
  });

  it("the validators need no code at run time", () => {
    expect(validatorCode()).not.toMatch(/require\(|^import |new Function|eval\(/m);
  });

  it("the server's policy is the page's, and forbids frames", () => {
    const page = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(readFileSync(join(source, "index.html"), "utf8"))?.[1];
    const server = readFileSync(join(repository, "src/HeartSound.Edge/Dashboard/DashboardServer.cs"), "utf8");
    const policy = [...server.slice(server.indexOf("const string Policy")).split(";\n")[0]!.matchAll(/"([^"]*)"/g)].map((part) => part[1]).join("");
    expect(policy).toBe(`${page}; frame-ancestors 'none'`);
    expect(policy).not.toMatch(/unsafe/);
  });
});

describe("the broker's address", () => {
  const http = { protocol: "http:", hostname: "station" };
  const https = { protocol: "https:", hostname: "station" };

  it.each([
    ["host:9001", http, "ws://host:9001/"],
    ["host:9001", https, "wss://host:9001/"],
    [" wss://host/mqtt ", http, "wss://host/mqtt"],
    ["ws://127.0.0.1:9001", https, "ws://127.0.0.1:9001/"],
  ])("%s", (text, page, url) => expect(brokerAddress(text, page)).toEqual({ url }));

  it.each([
    ["", http],
    ["mqtt://host:1883", http],
    ["javascript:alert(1)", http],
    ["wss://ann:secret@host", http],
    ["wss://host/?password=secret", http],
    ["ws://host:9001", https],
    ["ws://", http],
  ])("'%s' is refused with words", (text, page) => expect(brokerAddress(text, page)).toHaveProperty("fault"));
});

describe("words", () => {
  it("no share is rounded to a certainty", () => expect([percent(0.9996), percent(1), percent(0.0004), percent(0), percent(null)]).toEqual([">99 %", "100 %", "<1 %", "0 %", "–"]));
  it("camelCase is read aloud", () => expect(words("noHeartbeat")).toBe("no heartbeat"));
  it("only a device's name leads to a device", () => {
    expect(parseRoute("#/device/ward-1")).toEqual({ name: "device", device: "ward-1" });
    expect(parseRoute("#/device/<script>")).toEqual({ name: "overview" });
  });
});
