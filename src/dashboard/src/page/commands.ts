import type { Asked } from "../state/commands";
import { siteNames } from "../wire/messages";
import { h, panel, setAttribute, setText } from "./dom";
import type { Moment, Panel } from "./panels";
import { siteWords } from "./words";

/** What the page asks of a device. `words` say it to a person. */
export interface Order {
  readonly command: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly words: string;
}

export interface Orders {
  send(device: string, order: Order): void;
  last(device: string): Asked | null;
}

/** Identify, mute, start and stop an examination; and what the device answered. */
export class CommandsPanel implements Panel {
  private readonly answer = h("p", { class: "answer", attributes: { role: "status", "aria-live": "polite" } });
  private readonly site = h(
    "select",
    { attributes: { id: "command-site" } },
    h("option", { attributes: { value: "" } }, "no site"),
    ...siteNames.map((name) => h("option", { attributes: { value: name } }, `${name} ${siteWords[name] ?? ""}`)),
  );
  private readonly minutes = h(
    "select",
    { attributes: { id: "command-minutes" } },
    ...[5, 15, 60, 0].map((minutes) => h("option", { attributes: { value: String(minutes) } }, minutes === 0 ? "no more" : `${minutes} minutes`)),
  );
  private readonly buttons: HTMLButtonElement[] = [];
  private readonly orders: Orders;
  private device = "";
  readonly element: HTMLElement;

  constructor(orders: Orders) {
    this.orders = orders;
    this.element = panel(
      "Commands",
      "commands",
      h(
        "div",
        { class: "command-row" },
        h("label", { attributes: { for: "command-site" } }, "Examine at"),
        this.site,
        h("span", { class: "pair" }, this.button("Start", "strong", () => this.start()), this.button("Stop", "", () => this.send("examination", { action: "stop" }, "Stop the examination"))),
      ),
      h(
        "div",
        { class: "command-row" },
        h("label", { attributes: { for: "command-minutes" } }, "Lamps dark for"),
        this.minutes,
        this.button("Mute", "", () => this.send("mute", { minutes: Number(this.minutes.value) }, "Mute")),
      ),
      h(
        "div",
        { class: "command-row" },
        this.button("Identify", "", () => this.send("identify", {}, "Identify")),
        this.button("Restart capture", "", () => this.send("restart-capture", {}, "Restart capture")),
      ),
      this.answer,
    );
  }

  update({ device, view }: Moment): void {
    this.device = device.name;
    for (const button of this.buttons) setAttribute(button, "aria-disabled", view.standing === "unconnected" ? "true" : null);
    const last = this.orders.last(device.name);
    setText(this.answer, last === null ? "" : answerWords(last));
    setAttribute(this.answer, "data-outcome", last?.outcome ?? null);
  }

  private start(): void {
    const site = this.site.value;
    this.send("examination", site === "" ? { action: "start" } : { action: "start", site }, site === "" ? "Start an examination" : `Start an examination at ${site}`);
  }

  private send(command: string, payload: Order["payload"], words: string): void {
    this.orders.send(this.device, { command, payload, words });
  }

  private button(text: string, kind: string, onClick: () => void): HTMLButtonElement {
    const button = h("button", { class: kind, attributes: { type: "button" }, onClick }, text);
    this.buttons.push(button);
    return button;
  }
}

function answerWords(asked: Asked): string {
  const more = asked.message === "" ? "" : `: ${asked.message}`;
  switch (asked.outcome) {
    case "waiting":
      return `${asked.words}: waiting for the device …`;
    case "obeyed":
      return `${asked.words}: done${more}.`;
    case "refused":
      return `${asked.words}: the device refuses${more}`;
    case "unanswered":
      return `${asked.words}${more}. Nobody knows whether it was obeyed.`;
    case "unsent":
      return `${asked.words}: not sent${more}.`;
  }
}
