import mqtt, { type MqttClient } from "mqtt";
import { type Body, bootId, health, session, status, verdict } from "../unit/samples";

/** Plays a device over a real broker: it speaks as told, answers commands if told, and dies without a word when it is cut. */
export class Player {
  readonly name: string;
  /** What the next live messages say. */
  live: Body | ((seconds: number) => Body) = {};
  private readonly client: MqttClient;
  private readonly begin = Date.now();
  private beat: NodeJS.Timeout | null = null;

  private constructor(name: string, client: MqttClient) {
    this.name = name;
    this.client = client;
  }

  static async connect(address: string, name: string): Promise<Player> {
    const will = { topic: `heartsound/${name}/status`, payload: Buffer.from(JSON.stringify(status("offline", name))), qos: 1 as const, retain: true };
    const client = await mqtt.connectAsync(`mqtt://${address}`, { will, reconnectPeriod: 500 });
    const player = new Player(name, client);
    const greet = (): Promise<void> => player.say("status", { ...status("online", name), ...player.stamp() }, true);
    await greet();
    client.on("connect", () => void greet().catch(() => {}));
    return player;
  }

  /** Who, and when by every clock. */
  stamp(secondsAgo = 0): Body {
    return { device: this.name, session, bootId, clockSynced: true, time: new Date(Date.now() - secondsAgo * 1000).toISOString(), monotonicSeconds: 50_000 + (Date.now() - this.begin) / 1000 - secondsAgo };
  }

  speak(): this {
    const say = (): void => {
      const body = {
        schema: 1, ...this.stamp(), scene: "waitingForContact", levelDb: -42, hint: "good", heartRateBpm: null, alarmProbability: null, opinion: "none", phase: "waiting",
        examination: null, remainingSeconds: null, site: null, mutedUntil: null,
        ...(typeof this.live === "function" ? this.live((Date.now() - this.begin) / 1000) : this.live),
      };
      this.client.publish(`heartsound/${this.name}/live`, JSON.stringify(body));
    };
    say();
    this.beat = setInterval(say, 500);
    return this;
  }

  hush(): void {
    if (this.beat !== null) clearInterval(this.beat);
    this.beat = null;
  }

  async say(kind: string, body: unknown, retain = false): Promise<void> {
    await this.client.publishAsync(`heartsound/${this.name}/${kind}`, typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body), { qos: 1, retain });
  }

  /** On any topic, also another device's. */
  async raw(topic: string, payload: string): Promise<void> {
    await this.client.publishAsync(topic, payload, { qos: 1 });
  }

  async conclude(sequence: number, changes: Body = {}, secondsAgo = 0): Promise<void> {
    const body = { ...verdict(sequence, this.name), ...this.stamp(secondsAgo), ...changes };
    await this.say("verdict", body);
    await this.say("verdict/latest", body, true);
  }

  async report(changes: Body = {}): Promise<void> {
    await this.say("health", { ...health(this.name), ...this.stamp(), ...changes }, true);
  }

  /** Answers every command as `answer` says; null stays silent. */
  async obey(answer: (command: string, asked: Body) => Body | null): Promise<void> {
    await this.client.subscribeAsync(`heartsound/${this.name}/cmd/+`, { qos: 1 });
    this.client.on("message", (topic, payload) => {
      const command = topic.split("/")[3] ?? "";
      const asked = JSON.parse(payload.toString()) as Body;
      const said = answer(command, asked);
      if (said === null) return;
      void this.say(`state/${command}`, { schema: 1, ...this.stamp(), command, commandId: asked["id"] ?? null, result: "obeyed", cause: null, message: null, value: {}, ...said }, true);
    });
  }

  /** As if its power were cut: the broker says the last will. */
  die(): void {
    this.hush();
    this.client.options.reconnectPeriod = 0;
    this.client.stream.destroy();
    this.client.end(true);
  }

  async leave(): Promise<void> {
    this.hush();
    await this.client.endAsync(true);
  }
}
