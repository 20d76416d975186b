import mqtt, { type IClientOptions, type MqttClient } from "mqtt";
import type { Clock, Now } from "../state/time";
import { subscriptions } from "../wire/topics";
import type { Login } from "./login";
import { randomId } from "./random";
import type { Ticker } from "./ticker";

export type Phase = "off" | "connecting" | "connected" | "refused";

/** How the way to the broker is. `since`: when it became so. `why`: for a person. */
export interface ConnectionState {
  readonly phase: Phase;
  readonly address: string;
  readonly since: Now;
  readonly why: string;
}

/** How long the broker keeps verdicts for a page that lost its way to it. */
const sessionSeconds = 300;
/** A command that reaches its device later than this would surprise who stands beside it. */
const commandSeconds = 10;
const maxPacketBytes = 4 * 1024 * 1024;

/** The way to the broker: MQTT 5, or 3.1.1 where the broker knows no better; for ever anew. */
export class Connection {
  state: ConnectionState;
  onChange: () => void = () => {};
  onMessage: (topic: string, payload: Uint8Array, retained: boolean) => void = () => {};
  private readonly clock: Clock;
  private readonly clientId = `heartsound-dashboard-${randomId()}`;
  private readonly ticker: Ticker;
  private client: MqttClient | null = null;

  constructor(clock: Clock, ticker: Ticker) {
    this.clock = clock;
    this.ticker = ticker;
    this.state = { phase: "off", address: "", since: clock(), why: "" };
  }

  open(address: string, login: Login): void {
    this.close();
    this.start(address, login, 5);
  }

  close(): void {
    const client = this.client;
    this.client = null;
    client?.removeAllListeners();
    // What is still under way may fail; nobody waits for it any more.
    client?.on("error", () => {});
    client?.end(true);
    this.become("off", "", "");
  }

  /** Hands a command to the broker, now or not at all: it is not kept for a time when nobody expects it. */
  send(topic: string, payload: string, failed: (why: string) => void): void {
    const client = this.client;
    if (client === null || !client.connected) {
      failed("there is no connection to the broker");
      return;
    }

    let isOver = false;
    const options = client.options.protocolVersion === 5 ? { qos: 1 as const, properties: { messageExpiryInterval: commandSeconds } } : { qos: 1 as const };
    client.publish(topic, payload, options, (error) => {
      if (!isOver && error) failed(error.message);
      isOver = true;
    });
    const id = client.getLastMessageId();
    setTimeout(() => {
      if (isOver) return;
      isOver = true;
      client.removeOutgoingMessage(id);
      failed("the broker did not take it");
    }, commandSeconds * 1000);
  }

  private start(address: string, login: Login, version: 4 | 5): void {
    this.become("connecting", address, "");
    let why = "";
    let reached = false;
    let hangUps = 0;
    const client = mqtt.connect(address, {
      ...this.options(login, version),
      createWebsocket: (url, protocols) => {
        reached = false;
        const socket = new WebSocket(url, protocols);
        socket.addEventListener("open", () => (reached = true));
        return socket;
      },
    });
    this.client = client;
    client.on("connect", () => {
      hangUps = 0;
      why = "";
      client.subscribe({ ...subscriptions }, (error, granted) => {
        const denied = granted?.filter((one) => one.qos > 2).map((one) => one.topic) ?? [];
        if (error) this.become("connected", address, `The broker refused a subscription: ${error.message}`);
        else if (denied.length > 0) this.become("connected", address, `The broker does not let this user read ${denied.join(", ")}.`);
      });
      this.become("connected", address, "");
    });
    client.on("message", (topic, payload, packet) => this.onMessage(topic, payload, packet.retain));
    client.on("error", (error) => {
      const code = "code" in error && typeof error.code === "number" ? error.code : null;
      if (version === 5 && (code === 132 || code === 1)) {
        this.startAnew(client, address, login);
        return;
      }

      why = code === null ? "" : refusal(code);
      if (why !== "") this.become("refused", address, why);
    });
    client.on("disconnect", (packet) => {
      why = `The broker ended the connection (${packet.reasonCode ?? "no reason"}).`;
    });
    client.on("close", () => {
      // Some old brokers do not refuse MQTT 5, they hang up.
      if (version === 5 && reached && this.state.phase === "connecting" && ++hangUps > 2) {
        this.startAnew(client, address, login);
        return;
      }

      this.become(this.state.phase === "refused" ? "refused" : "connecting", address, why || "The broker does not answer at this address.");
    });
  }

  /** Once more, in the older language. */
  private startAnew(client: MqttClient, address: string, login: Login): void {
    client.removeAllListeners();
    client.on("error", () => {});
    client.end(true);
    if (this.client === client) this.start(address, login, 4);
  }

  private options(login: Login, version: 4 | 5): IClientOptions {
    const newer = { clean: false, properties: { sessionExpiryInterval: sessionSeconds, maximumPacketSize: maxPacketBytes } };
    return {
      protocolVersion: version,
      clientId: this.clientId,
      ...(version === 5 ? newer : { clean: true }),
      ...(login.user === "" ? {} : { username: login.user, password: login.password }),
      keepalive: 15,
      connectTimeout: 10_000,
      // Not all pages of a ward at the same moment.
      reconnectPeriod: 1500 + Math.random() * 1500,
      reconnectOnConnackError: true,
      resubscribe: false,
      queueQoSZero: false,
      timerVariant: this.ticker,
    };
  }

  private become(phase: Phase, address: string, why: string): void {
    const since = phase === this.state.phase && address === this.state.address ? this.state.since : this.clock();
    this.state = { phase, address, since, why };
    this.onChange();
  }
}

/** The refusals of MQTT 3.1.1 (1–5) and 5 (128 and up) that a person can do something about. */
function refusal(code: number): string {
  if (code === 4 || code === 134) return "The broker refuses this user name or password.";
  if (code === 5 || code === 135) return "The broker does not let this user in.";
  if (code === 3 || code === 136) return "The broker is not available right now.";
  return code >= 1 ? `The broker refuses the connection (${code}).` : "";
}
