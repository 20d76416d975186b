import { chromium, type Browser, type BrowserContextOptions, type Locator, type Page } from "playwright-core";
import { Broker } from "./broker";
import { Player } from "./player";
import { deadlineMs, heartsound, Running } from "./processes";

/** Broker, web server, Chromium and devices, all real but for the devices that are played; gone at the end, whatever happens. */
export class Station {
  readonly broker = new Broker();
  /** What a browser complained about: errors, and what its policy forbade. */
  readonly complaints: string[] = [];
  address = "";
  private browser: Browser | null = null;
  private readonly running: Running[] = [];
  private readonly players: Player[] = [];

  async start(): Promise<this> {
    await this.broker.start();
    const server = this.program("dashboard", "--port", "0", "--broker-url", this.broker.webAddress);
    this.address = (await server.says(/at (http:\/\/\S+) until/))[1] ?? "";
    this.browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
    return this;
  }

  program(...parameters: string[]): Running {
    const running = new Running(heartsound, ...parameters);
    this.running.push(running);
    return running;
  }

  /** bin/heartsound as a device that listens to a simulated heart: examinations of 10 s, one after the other, or when it is asked. */
  device(name: string, examination: "always" | "button" = "always"): Running {
    return this.program("run", "--simulate", "--examination", examination, "--lights", "none", "--examination-seconds", "10", "--device", name, "--broker", this.broker.address);
  }

  async player(name: string): Promise<Player> {
    const player = await Player.connect(this.broker.address, name);
    this.players.push(player);
    return player;
  }

  /** A browser of its own, as of somebody who has never been here. */
  async page(options: BrowserContextOptions = {}): Promise<Page> {
    if (this.browser === null) throw new Error("not started");
    const context = await this.browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    context.setDefaultTimeout(deadlineMs);
    const page = await context.newPage();
    page.on("pageerror", (error) => this.complaints.push(`error: ${error.message}`));
    page.on("console", (message) => {
      // A broker that is away is no fault of the page; Chromium says it all the same.
      const isAway = message.text().startsWith("WebSocket connection to ");
      if ((message.type() === "error" || message.type() === "warning") && !isAway) this.complaints.push(`${message.type()}: ${message.text()}`);
    });
    page.on("dialog", (dialog) => {
      this.complaints.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    return page;
  }

  /** The page, connected to the broker that the server offered. */
  async connected(hash = "#/", options: BrowserContextOptions = {}): Promise<Page> {
    const page = await this.page(options);
    await page.goto(`${this.address}/${hash}`);
    await page.getByRole("button", { name: "Connect" }).click();
    await page.locator('.connection[data-phase="connected"]').waitFor();
    return page;
  }

  async dispose(): Promise<void> {
    await this.browser?.close();
    for (const player of this.players) await player.leave().catch(() => {});
    for (const running of this.running) await running.end();
    await this.broker.dispose();
  }
}

export function tile(page: Page, name: string): Locator {
  return page.locator(".tile", { has: page.getByRole("heading", { name, exact: true }) });
}

export function standing(page: Page, name: string, word: string): Promise<void> {
  return tile(page, name).and(page.locator(`[data-standing="${word}"]`)).waitFor();
}
