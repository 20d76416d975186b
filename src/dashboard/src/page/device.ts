import { ago } from "../state/time";
import { ChartPanel } from "./chart";
import { CommandsPanel, type Orders } from "./commands";
import { detail, notes, verdictLine } from "./describe";
import { h, Keyed, setAttribute, setText } from "./dom";
import { HealthPanel } from "./health";
import { HistoryPanel } from "./history";
import { LivePanel } from "./live";
import type { Moment, Panel } from "./panels";
import { ProvenancePanel } from "./provenance";
import { shape, verdictStanding } from "./shapes";
import { SitesPanel } from "./sites";
import { TroublePanel } from "./trouble";
import { standingWord } from "./words";

/** Everything about one device. */
export class DevicePage {
  readonly element: HTMLElement;
  readonly name: string;
  private readonly picture = new Keyed(h("span", { class: "tile-shape" }));
  private readonly word = h("p", { class: "tile-word" });
  private readonly detail = h("p", { class: "tile-detail" });
  private readonly verdict = new Keyed(h("p", { class: "tile-verdict" }));
  private readonly heard = h("p", { class: "note" });
  private readonly notes = new Keyed(h("ul", { class: "tile-notes" }));
  private readonly top: HTMLElement;
  private readonly panels: readonly Panel[];
  private readonly body: HTMLElement;
  private readonly absent = h("p", { class: "empty", attributes: { role: "status" } });

  constructor(name: string, orders: Orders) {
    this.name = name;
    this.panels = [new LivePanel(), new ChartPanel(), new SitesPanel(), new CommandsPanel(orders), new HistoryPanel(), new HealthPanel(), new ProvenancePanel(), new TroublePanel()];
    this.top = h(
      "section",
      { class: "device-top", attributes: { "aria-label": "How it is" } },
      this.picture.element,
      h("div", { class: "tile-head" }, h("h1", { attributes: { tabindex: "-1" } }, name), this.word),
      this.detail,
      this.verdict.element,
      this.notes.element,
      this.heard,
    );
    this.body = h("div", { class: "device-body" }, this.top, h("div", { class: "panels" }, ...this.panels.map((one) => one.element)));
    this.element = h("div", { class: "device" }, h("p", { class: "back" }, h("a", { attributes: { href: "#/" } }, "← All devices")), this.absent, this.body);
  }

  /** `moment` is null while nothing was heard of such a device. */
  update(moment: Moment | null): void {
    setText(this.absent, moment === null ? `Nothing was heard of a device called ${this.name}.` : "");
    setAttribute(this.body, "hidden", moment === null ? "" : null);
    if (moment === null) return;
    const { device, view } = moment;
    setAttribute(this.top, "data-standing", view.standing);
    this.picture.show(view.standing, () => [shape(view.standing)]);
    setText(this.word, standingWord[view.standing]);
    setText(this.detail, detail(device, view));
    const line = verdictLine(view);
    setAttribute(this.verdict.element, "data-old", view.isCurrent ? null : "true");
    this.verdict.show([line, view.verdict?.alarm], () => (view.verdict === null ? [line] : [shape(verdictStanding(view.verdict.alarm)), h("span", {}, line)]));
    setText(this.heard, view.heardAge === null ? "Nothing was heard from the device itself since this page was opened." : `Heard ${ago(view.heardAge)}.`);
    const list = notes(device);
    this.notes.show(list, () => list.map((note) => h("li", {}, note)));
    for (const one of this.panels) one.update(moment);
  }

  focus(): void {
    this.element.querySelector("h1")?.focus({ preventScroll: true });
  }
}
