import { describe, expect, it } from "vitest";
import { answerSeconds, Commands } from "../../../src/dashboard/src/state/commands";
import type { StateMessage } from "../../../src/dashboard/src/wire/messages";
import { PlayedClock } from "./samples";

function state(commandId: string | null, changes: Partial<StateMessage> = {}): StateMessage {
  return { device: "ward-1", session: "s", command: "identify", commandId, result: "obeyed", cause: null, message: null, value: {}, ...changes };
}

function asked(): { commands: Commands; clock: PlayedClock } {
  const clock = new PlayedClock();
  const commands = new Commands(clock.now);
  commands.ask("one", "ward-1", "identify", "Identify");
  return { commands, clock };
}

describe("commands", () => {
  it("an answer with the same id settles it", () => {
    const { commands } = asked();
    expect(commands.last("ward-1")?.outcome).toBe("waiting");
    commands.answer("ward-1", state("one"));
    expect(commands.last("ward-1")?.outcome).toBe("obeyed");
  });

  it("a refusal says why", () => {
    const { commands } = asked();
    commands.answer("ward-1", state("one", { result: "refused", cause: "notNow", message: "It is updating." }));
    expect(commands.last("ward-1")).toMatchObject({ outcome: "refused", message: "It is updating." });
  });

  it.each([
    ["somebody else's", "ward-1", state("two")],
    ["another device's", "ward-2", state("one")],
    ["to another command", "ward-1", state("one", { command: "mute" })],
    ["without an id", "ward-1", state(null)],
  ])("an answer that is %s is none", (_, device, answer) => {
    const { commands } = asked();
    commands.answer(device, answer);
    expect(commands.last("ward-1")?.outcome).toBe("waiting");
  });

  it("after ten seconds without an answer that is said; a late one still counts", () => {
    const { commands, clock } = asked();
    clock.seconds = answerSeconds + 0.1;
    expect(commands.last("ward-1")?.outcome).toBe("unanswered");
    commands.answer("ward-1", state("one"));
    expect(commands.last("ward-1")?.outcome).toBe("obeyed");
  });
});
