import type { LiveMessage } from "../wire/messages";
import { h, panel, setAttribute, setText } from "./dom";
import type { Moment, Panel } from "./panels";
import { bpm, capital, hintWords, percent, words } from "./words";

const quietestDb = -80;

/** What the device hears at this moment; nothing, where it is not heard. */
export class LivePanel implements Panel {
  private readonly hint = h("p", { class: "hint" });
  private readonly bar = h("div", { class: "level-bar" });
  private readonly level = h("div", { class: "level", attributes: { role: "meter", "aria-label": "Sound level in decibels of full scale", "aria-valuemin": String(quietestDb), "aria-valuemax": "0" } }, this.bar);
  private readonly levelText = h("span", { class: "level-text" });
  private readonly heart = h("dd");
  private readonly alarm = h("dd");
  private readonly opinion = h("dd");
  private readonly phase = h("dd");
  readonly element = panel(
    "Now",
    "live",
    this.hint,
    h("div", { class: "level-row" }, this.level, this.levelText),
    h(
      "dl",
      { class: "figures" },
      h("div", {}, h("dt", {}, "Heart rate"), this.heart),
      h("div", {}, h("dt", {}, "Alarm, last window"), this.alarm),
      h("div", {}, h("dt", {}, "So far (no verdict)"), this.opinion),
      h("div", {}, h("dt", {}, "Examination"), this.phase),
    ),
  );

  update({ device, view }: Moment): void {
    const isHeard = view.heardAge !== null && !["offline", "silent", "waiting", "stopped", "unconnected"].includes(view.standing);
    const live = isHeard ? (device.live?.body ?? null) : null;
    setAttribute(this.element, "data-old", live === null ? "true" : null);
    setText(this.hint, live === null ? "Nothing is heard" : hintWords(live.hint));
    setAttribute(this.hint, "data-good", live?.hint === "good" ? "true" : null);
    const level = Math.max(quietestDb, Math.min(0, live?.levelDb ?? quietestDb));
    this.bar.style.transform = `scaleX(${1 - level / quietestDb})`;
    setAttribute(this.level, "aria-valuenow", String(Math.round(level)));
    setText(this.levelText, live === null ? "–" : live.levelDb <= -200 ? "silence" : `${Math.round(live.levelDb)} dB`.replace("-", "−"));
    setText(this.heart, bpm(live?.heartRateBpm ?? null));
    setText(this.alarm, percent(live?.alarmProbability ?? null));
    setText(this.opinion, live === null || live.opinion === "none" ? "–" : capital(words(live.opinion)));
    setText(this.phase, live === null ? "–" : phaseWords(live));
  }
}

function phaseWords(live: LiveMessage): string {
  if (live.phase === "idle") return "none";
  if (live.phase === "waiting") return "waits for contact";
  if (live.phase === "betweenSites") return "on to the next site";
  const site = typeof live.site === "string" ? ` at ${live.site}` : "";
  return live.remainingSeconds === null ? `under way${site}` : `${Math.ceil(live.remainingSeconds)} s to go${site}`;
}
