import { describe, expect, it } from "vitest";
import { History, maxHistory, maxSeries } from "../../../src/dashboard/src/state/history";
import type { VerdictMessage } from "../../../src/dashboard/src/wire/messages";
import { uuid, verdict } from "./samples";

function add(history: History, sequence: number, changes: Record<string, unknown> = {}): boolean {
  return history.add({ ...verdict(sequence), ...changes } as unknown as VerdictMessage);
}

describe("history", () => {
  it("a verdict that comes twice is there once", () => {
    const history = new History();
    expect(add(history, 1)).toBe(true);
    expect(add(history, 1)).toBe(false);
    expect(history).toMatchObject({ count: 1, duplicates: 1, missing: 0 });
  });

  it("a hole is shown where it is, and closes when what is missing comes late", () => {
    const history = new History();
    for (const sequence of [3, 7]) add(history, sequence);
    expect(history.missing).toBe(3);
    expect(history.rows().map((row) => ("gap" in row ? row.gap : "entry" in row ? row.entry.sequence : ""))).toEqual([7, { from: 4, to: 6 }, 3]);
    for (const sequence of [5, 4, 6]) add(history, sequence);
    expect(history).toMatchObject({ count: 5, missing: 0 });
  });

  it("a restart of the program goes on in its series; another outbox begins another", () => {
    const history = new History();
    add(history, 1);
    add(history, 2, { session: uuid(5) });
    expect(history.missing).toBe(0);
    add(history, 1, { series: uuid(6), id: uuid(77) });
    expect(history.missing).toBe(0);
    expect(history.rows().filter((row) => "begins" in row)).toHaveLength(1);
  });

  it("the oldest go first when there are too many", () => {
    const history = new History();
    for (let sequence = 1; sequence <= maxHistory + 50; sequence++) add(history, sequence);
    expect(history).toMatchObject({ count: maxHistory, missing: 0 });
    for (let n = 0; n < 20; n++) add(history, 1, { series: uuid(0x9000 + n), id: uuid(0x8000 + n) });
    expect(history.rows().filter((row) => "begins" in row).length).toBeLessThan(maxSeries);
  });
});
