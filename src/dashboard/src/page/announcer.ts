import { needsPerson, type Standing } from "../state/standing";
import { announcement } from "./describe";
import type { Seen } from "./overview";

const atOnce = 4;

/** Says to a screen reader what has changed: what needs somebody at once, everything else when it is quiet. What was so from the start is not news. */
export class Announcer {
  private readonly before = new Map<string, string>();
  private readonly polite: HTMLElement;
  private readonly assertive: HTMLElement;

  constructor(polite: HTMLElement, assertive: HTMLElement) {
    this.polite = polite;
    this.assertive = assertive;
  }

  update(seen: readonly Seen[]): void {
    const urgent: string[] = [];
    const calm: string[] = [];
    for (const { device, view } of seen) {
      const key = `${view.standing} ${isOfVerdict(view.standing) ? (view.verdict?.id ?? "") : ""}`;
      const before = this.before.get(device.name);
      if (before === key) continue;
      this.before.set(device.name, key);
      if (before === undefined || before.startsWith("waiting") || before.startsWith("unconnected")) continue;
      if (needsPerson(view.standing) && view.standing !== "unsure") urgent.push(announcement(device, view));
      else if (isOfVerdict(view.standing)) calm.push(announcement(device, view));
    }

    const names = new Set(seen.map((one) => one.device.name));
    for (const name of this.before.keys()) if (!names.has(name)) this.before.delete(name);
    say(this.assertive, urgent);
    say(this.polite, calm);
  }
}

function isOfVerdict(standing: Standing): boolean {
  return standing === "alarm" || standing === "unsure" || standing === "normal";
}

function say(region: HTMLElement, news: readonly string[]): void {
  if (news.length === 0) return;
  const more = news.length > atOnce ? ` And ${news.length - atOnce} more.` : "";
  region.textContent = news.slice(0, atOnce).join(" ") + more;
}
