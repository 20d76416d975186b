import type { Kind } from "../wire/topics";

/** A kind of message that could not be read, why, and how often. */
export interface Problem {
  readonly topic: string;
  readonly why: string;
  readonly count: number;
  readonly wall: number;
}

const maxKept = 20;

/** Messages of one device that are not as the contract says. Bounded; what is not kept one by one is still counted. */
export class Problems {
  private readonly kept = new Map<string, Problem>();
  private readonly unreadable = new Set<Kind>();
  total = 0;

  add(kind: Kind, topic: string, why: string, wall: number): void {
    this.total++;
    this.unreadable.add(kind);
    const key = `${kind} ${why}`;
    const before = this.kept.get(key);
    if (before === undefined && this.kept.size >= maxKept) {
      const [oldest] = this.kept.keys();
      if (oldest !== undefined) this.kept.delete(oldest);
    }

    this.kept.delete(key);
    this.kept.set(key, { topic: topic.slice(0, 200), why, count: (before?.count ?? 0) + 1, wall });
  }

  /** A message of this kind could be read again. */
  settle(kind: Kind): void {
    this.unreadable.delete(kind);
  }

  /** Whether the newest message of a kind that a device is judged by could not be read. */
  get isCurrent(): boolean {
    return this.unreadable.size > 0;
  }

  /** Newest first. */
  list(): Problem[] {
    return [...this.kept.values()].reverse();
  }
}
