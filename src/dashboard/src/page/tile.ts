import type { Device } from "../state/device";
import type { View } from "../state/standing";
import { detail, notes, verdictLine } from "./describe";
import { h, Keyed, setAttribute, setText } from "./dom";
import { shape, verdictStanding } from "./shapes";
import { bpm, percent, standingWord } from "./words";

/** One device among all. */
export class Tile {
  readonly element: HTMLLIElement;
  readonly link: HTMLAnchorElement;
  private readonly picture = new Keyed(h("span", { class: "tile-shape" }));
  private readonly word = h("p", { class: "tile-word" });
  private readonly detail = h("p", { class: "tile-detail" });
  private readonly heart = h("dd");
  private readonly quality = h("dd");
  private readonly verdict = new Keyed(h("p", { class: "tile-verdict" }));
  private readonly notes = new Keyed(h("ul", { class: "tile-notes" }));

  constructor(name: string) {
    this.link = h(
      "a",
      { attributes: { href: `#/device/${encodeURIComponent(name)}` } },
      this.picture.element,
      h("div", { class: "tile-head" }, h("h2", {}, name), this.word),
      this.detail,
      h("dl", { class: "tile-figures" }, h("div", {}, h("dt", {}, "Heart"), this.heart), h("div", {}, h("dt", {}, "Quality"), this.quality)),
      this.verdict.element,
      this.notes.element,
    );
    this.element = h("li", { class: "tile" }, this.link);
  }

  update(device: Device, view: View): void {
    setAttribute(this.element, "data-standing", view.standing);
    setAttribute(this.element, "data-old", view.standing === "alarm" && !view.isCurrent ? "true" : null);
    this.picture.show(view.standing, () => [shape(view.standing)]);
    setText(this.word, standingWord[view.standing]);
    setText(this.detail, detail(device, view));
    const figures = figuresOf(device, view);
    setText(this.heart, bpm(figures.heart));
    setText(this.quality, percent(figures.quality));
    const line = verdictLine(view);
    setAttribute(this.verdict.element, "data-old", view.isCurrent ? null : "true");
    this.verdict.show([line, view.verdict?.alarm], () => (view.verdict === null ? [line] : [shape(verdictStanding(view.verdict.alarm)), h("span", {}, line)]));
    const list = notes(device);
    this.notes.show(list, () => list.map((note) => h("li", {}, note)));
  }
}

/** Figures that are about now: heard this second, or of a verdict that still counts. Anything else is no figure. */
function figuresOf(device: Device, view: View): { heart: number | null; quality: number | null } {
  const isHeard = view.standing === "examining" || view.standing === "idle" || view.isCurrent;
  const heard = isHeard ? (device.live?.body.heartRateBpm ?? null) : null;
  const said = view.isCurrent ? view.verdict : null;
  return { heart: heard ?? said?.heartRateBpm ?? null, quality: said?.quality.score ?? null };
}
