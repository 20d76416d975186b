import type { VerdictMessage } from "../wire/messages";

/** What is kept of a verdict once a newer one is there. */
export interface HistoryEntry {
  readonly id: string;
  readonly series: string;
  readonly sequence: number;
  readonly time: string;
  readonly clockSynced: boolean | null;
  readonly verdict: string;
  readonly alarm: boolean | null;
  readonly reason: string | null;
  readonly confidence: number | null;
  readonly heartRateBpm: number | null;
  readonly quality: number | null;
  readonly site: string;
  /** Whether it came as a verdict; else only as the newest, which the broker keeps. */
  isPublished: boolean;
}

/** Verdicts that were sent, as the numbering shows, and never came here. */
export interface Gap {
  readonly from: number;
  readonly to: number;
}

/** A verdict, a hole, or the place where the device began to count anew (with a new outbox). */
export type HistoryRow = { readonly entry: HistoryEntry } | { readonly gap: Gap } | { readonly begins: string };

export const maxHistory = 100;
export const maxSeries = 4;

/**
 * The verdicts of one device that came while the page was open, each once, ordered by number within a series; series in the order in which they began.
 * Bounded: the oldest go first.
 */
export class History {
  private series = new Map<string, HistoryEntry[]>();
  duplicates = 0;

  /** False for one that is there already. Every verdict comes once as such and once as the newest; more than that is a repeat. */
  add(verdict: VerdictMessage, isPublished = true): boolean {
    const entry = entryOf(verdict, isPublished);
    let entries = this.series.get(entry.series);
    if (entries === undefined) {
      entries = [];
      this.series.set(entry.series, entries);
    }

    let at = entries.length;
    while (at > 0 && (entries[at - 1]?.sequence ?? 0) > entry.sequence) at--;
    for (const other of entries) {
      if (other.id !== entry.id) continue;
      if (isPublished && other.isPublished) this.duplicates++;
      other.isPublished ||= isPublished;
      return false;
    }

    entries.splice(at, 0, entry);
    this.trim();
    return true;
  }

  get count(): number {
    let count = 0;
    for (const entries of this.series.values()) count += entries.length;
    return count;
  }

  /** How many verdicts are missing among those that are kept. */
  get missing(): number {
    return this.rows().reduce((sum, row) => sum + ("gap" in row ? row.gap.to - row.gap.from + 1 : 0), 0);
  }

  /** Newest first, with what is missing in between. */
  rows(): HistoryRow[] {
    const rows: HistoryRow[] = [];
    for (const [series, entries] of this.series) {
      if (rows.length > 0) rows.push({ begins: series });
      let before: HistoryEntry | undefined;
      for (const entry of entries) {
        if (before !== undefined && entry.sequence > before.sequence + 1) rows.push({ gap: { from: before.sequence + 1, to: entry.sequence - 1 } });
        rows.push({ entry });
        before = entry;
      }
    }

    return rows.reverse();
  }

  private trim(): void {
    while (this.series.size > maxSeries || this.count > maxHistory) {
      const [oldest] = this.series;
      if (oldest === undefined) return;
      if (this.series.size > maxSeries || oldest[1].length <= 1) this.series.delete(oldest[0]);
      else oldest[1].shift();
    }
  }
}

function entryOf(verdict: VerdictMessage, isPublished: boolean): HistoryEntry {
  return {
    id: verdict.id,
    // Devices that do not name a series count within a run of the program.
    series: verdict.series ?? verdict.session,
    sequence: verdict.sequence,
    time: verdict.time,
    clockSynced: verdict.clockSynced ?? null,
    verdict: verdict.verdict,
    alarm: verdict.alarm,
    reason: verdict.reason,
    confidence: verdict.confidence,
    heartRateBpm: verdict.heartRateBpm,
    quality: verdict.quality.score,
    site: verdict.examination.sites?.map((part) => part.site).join(" ") || (verdict.examination.site ?? ""),
    isPublished,
  };
}
