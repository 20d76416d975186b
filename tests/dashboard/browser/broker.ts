import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import { freePort, Running, until } from "./processes";

/** A real mosquitto, with one door for devices and one for browsers. What it keeps outlives a restart. */
export class Broker {
  private readonly folder = mkdtempSync(join(tmpdir(), "heartsound-dashboard-"));
  private program: Running | null = null;
  port = 0;
  webPort = 0;

  /** `users` maps names to passwords; without them everybody is let in. */
  async start(users: Readonly<Record<string, string>> = {}): Promise<this> {
    this.port = await freePort();
    this.webPort = await freePort();
    const lines = [`user ${userInfo().username}`, "persistence true", `persistence_location ${this.folder}/`, "log_dest stderr", "per_listener_settings false"];
    lines.push(`listener ${this.port} 127.0.0.1`, `listener ${this.webPort} 127.0.0.1`, "protocol websockets");
    const passwords = join(this.folder, "passwords");
    for (const [index, [name, password]] of Object.entries(users).entries()) spawnSync("mosquitto_passwd", [...(index === 0 ? ["-c"] : []), "-b", passwords, name, password]);
    lines.push(Object.keys(users).length === 0 ? "allow_anonymous true" : `allow_anonymous false\npassword_file ${passwords}`);
    writeFileSync(join(this.folder, "mosquitto.conf"), `${lines.join("\n")}\n`);
    await this.resume();
    return this;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  get webAddress(): string {
    return `ws://127.0.0.1:${this.webPort}`;
  }

  async resume(): Promise<void> {
    const program = new Running("/usr/sbin/mosquitto", "-c", join(this.folder, "mosquitto.conf"));
    this.program = program;
    await until("mosquitto answers", async () => !program.isRunning || ((await answers(this.port)) && (await answers(this.webPort))), () => program.output);
    if (!program.isRunning) throw new Error(program.output);
  }

  async stop(): Promise<void> {
    await this.program?.end();
    this.program = null;
  }

  async dispose(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = createConnection(port, "127.0.0.1", () => {
      socket.destroy();
      done(true);
    });
    socket.once("error", () => done(false));
  });
}
