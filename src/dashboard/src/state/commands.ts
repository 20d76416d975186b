import type { StateMessage } from "../wire/messages";
import type { Clock } from "./time";

/** After so long nobody answers any more. */
export const answerSeconds = 10;
const maxKept = 50;

export interface Asked {
  readonly id: string;
  readonly device: string;
  readonly command: string;
  readonly words: string;
  readonly steady: number;
  readonly outcome: "waiting" | "obeyed" | "refused" | "unanswered" | "unsent";
  readonly message: string;
}

/** What was asked of devices from this page, and what they answered. Bounded. */
export class Commands {
  private readonly asked = new Map<string, Asked>();
  private readonly clock: Clock;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Notes a command that is on its way. `words` say it to a person. */
  ask(id: string, device: string, command: string, words: string): void {
    this.asked.set(id, { id, device, command, words, steady: this.clock().steady, outcome: "waiting", message: "" });
    while (this.asked.size > maxKept) this.asked.delete(this.asked.keys().next().value as string);
  }

  /** It could not be handed to the broker. */
  fail(id: string, why: string): void {
    this.settle(id, "unsent", why);
  }

  /** An answer, also one that comes late. Answers to others' commands are none of ours. */
  answer(device: string, state: StateMessage): void {
    const asked = state.commandId == null ? undefined : this.asked.get(state.commandId);
    if (asked === undefined || asked.device !== device || asked.command !== state.command) return;
    this.settle(asked.id, state.result, state.message ?? (state.result === "refused" ? (state.cause ?? "") : ""));
  }

  /** The last one asked of a device; one that waited too long has got no answer. */
  last(device: string): Asked | null {
    let last: Asked | null = null;
    for (const asked of this.asked.values()) if (asked.device === device) last = asked;
    if (last === null || last.outcome !== "waiting" || this.clock().steady - last.steady <= answerSeconds * 1000) return last;
    return { ...last, outcome: "unanswered", message: `no answer in ${answerSeconds} s` };
  }

  private settle(id: string, outcome: Asked["outcome"], message: string): void {
    const asked = this.asked.get(id);
    if (asked !== undefined) this.asked.set(id, { ...asked, outcome, message });
  }
}
