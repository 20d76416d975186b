import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import { resolve } from "node:path";

export const repository = resolve(import.meta.dirname, "../../..");
export const heartsound = resolve(repository, "bin/heartsound");

/** Far from what anything here takes; nothing is asserted about time. */
export const deadlineMs = 90_000;

export function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const server = createServer();
    server.once("error", failed);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => (typeof address === "object" && address !== null ? done(address.port) : failed(new Error("no port"))));
    });
  });
}

export async function until(what: string, condition: () => boolean | Promise<boolean>, say: () => string = () => "", everyMs = 50): Promise<void> {
  const end = Date.now() + deadlineMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`${what}: not in ${deadlineMs / 1000} s. ${say()}`);
    await new Promise((done) => setTimeout(done, everyMs));
  }
}

/** A program that this test started, and what it says. */
export class Running {
  readonly process: ChildProcess;
  output = "";
  private readonly ended: Promise<number | null>;

  constructor(program: string, ...parameters: string[]) {
    const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("HEARTSOUND_")));
    this.process = spawn(program, parameters, { stdio: ["ignore", "pipe", "pipe"], env: environment, cwd: "/tmp" });
    this.process.stdout?.on("data", (data: Buffer) => (this.output += data.toString()));
    this.process.stderr?.on("data", (data: Buffer) => (this.output += data.toString()));
    this.ended = new Promise((done) => this.process.once("close", (code) => done(code)));
  }

  get isRunning(): boolean {
    return this.process.exitCode === null && this.process.signalCode === null;
  }

  /** Waits until it says something. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    let found: RegExpExecArray | null = null;
    await until(`${this.process.spawnfile} says ${pattern}`, () => (found = pattern.exec(this.output)) !== null || !this.isRunning, () => this.output);
    if (found === null) throw new Error(`it ended: ${this.output}`);
    return found;
  }

  signal(name: NodeJS.Signals): void {
    this.process.kill(name);
  }

  /** Its exit code, once it has ended by itself. */
  async code(): Promise<number | null> {
    await until(`${this.process.spawnfile} ends`, () => !this.isRunning, () => this.output);
    return this.ended;
  }

  /** Ends it, by force where it does not go. */
  async end(name: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    if (this.isRunning) {
      this.signal("SIGCONT");
      this.signal(name);
      const kill = setTimeout(() => this.signal("SIGKILL"), 15_000);
      await this.ended;
      clearTimeout(kill);
    }

    return this.ended;
  }
}
