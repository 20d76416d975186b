import type { Message } from "../wire/read";
import type { HealthMessage, LiveMessage, Stamp, StateMessage, StatusMessage, VerdictMessage } from "../wire/messages";
import { History } from "./history";
import { Problems } from "./problems";
import type { Now } from "./time";
import { Trend } from "./trend";

/** A message and when it came. */
export interface Heard<T> {
  readonly body: T;
  readonly at: Now;
}

const maxStates = 16;

/** All that is known of one device. */
export class Device {
  readonly name: string;
  status: Heard<StatusMessage> | null = null;
  live: Heard<LiveMessage> | null = null;
  health: Heard<HealthMessage> | null = null;
  verdict: Heard<VerdictMessage> | null = null;
  readonly states = new Map<string, Heard<StateMessage>>();
  readonly history = new History();
  readonly trend = new Trend();
  readonly problems = new Problems();

  /** The newest sign of life: a message that the device sent just now, not one that the broker had kept. */
  sign: Heard<Stamp> | null = null;

  /** What the device's steady clock said, and when that was here. Of live messages alone: they are never kept waiting, as verdicts and health are. */
  clock: Heard<Stamp> | null = null;

  /** Messages that came faster than any device sends them, and were not read. */
  leftOut = 0;

  constructor(name: string) {
    this.name = name;
  }

  /** Takes in a message that is as the contract says. True where a verdict is new. */
  take(message: Message, retained: boolean, at: Now): boolean {
    this.problems.settle(message.kind);
    // The broker itself says "offline" for a device that it has lost.
    const isFromDevice = !retained && !(message.kind === "status" && message.body.status !== "online");
    if (isFromDevice) this.sign = { body: message.body, at };
    switch (message.kind) {
      case "status":
        this.status = { body: message.body, at };
        return false;
      case "live":
        this.live = { body: message.body, at };
        if (!retained) this.clock = this.live;
        this.trend.add(message.body, at.steady);
        return false;
      case "health":
        this.health = { body: message.body, at };
        return false;
      case "state":
        this.states.delete(message.body.command);
        this.states.set(message.body.command, { body: message.body, at });
        if (this.states.size > maxStates) this.states.delete(this.states.keys().next().value as string);
        return false;
      default:
        return this.takeVerdict(message.body, message.kind === "verdict", at);
    }
  }

  private takeVerdict(body: VerdictMessage, isPublished: boolean, at: Now): boolean {
    if (!this.history.add(body, isPublished)) return false;
    const before = this.verdict?.body;
    const isOlder = before !== undefined && before.series === body.series && (body.series !== undefined || before.session === body.session) && before.sequence > body.sequence;
    if (!isOlder) this.verdict = { body, at };
    return true;
  }
}
