import { ago, span } from "../state/time";
import type { HealthMessage, Part } from "../wire/messages";
import { h, Keyed, panel } from "./dom";
import type { Moment, Panel } from "./panels";
import { bytes, capital, clockTime, plural, words } from "./words";

const signs: Readonly<Record<string, string>> = { ok: "✓", degraded: "△", failed: "✕" };
const levelWords: Readonly<Record<string, string>> = { ok: "well", degraded: "degraded", failed: "failed" };

/** How every part of the device is, with what to do; what was counted; what waits for the broker. */
export class HealthPanel implements Panel {
  private readonly body = new Keyed(h("div"));
  readonly element = panel("Health", "health", this.body.element);

  update({ device, now }: Moment): void {
    const health = device.health?.body ?? null;
    const minutes = device.health === null ? 0 : Math.floor((now.steady - device.health.at.steady) / 60_000);
    this.body.show([health, minutes], () => (health === null ? [h("p", {}, "It has not said anything about its health.")] : content(health, minutes, now.wall)));
  }
}

function content(health: HealthMessage, minutes: number, wall: number): HTMLElement[] {
  return [
    h("p", { class: "note" }, `Said ${ago(minutes * 60)}; up for ${span(health.uptimeSeconds)} then.`),
    h("ul", { class: "parts" }, ...Object.entries(health.parts).map(([name, part]) => partRow(name, part, wall))),
    outbox(health),
    h(
      "details",
      {},
      h("summary", {}, "Counters, heat"),
      h(
        "dl",
        { class: "facts" },
        ...Object.entries(health.counters).flatMap(([name, count]) => [h("dt", {}, capital(words(name))), h("dd", {}, count.toLocaleString("en"))]),
        ...heat(health),
      ),
    ),
  ];
}

function partRow(name: string, part: Part, wall: number): HTMLElement {
  return h(
    "li",
    { attributes: { "data-level": part.level } },
    h("span", { class: "part-sign", attributes: { "aria-hidden": "true" } }, signs[part.level] ?? ""),
    h("span", { class: "part-name" }, capital(words(name))),
    h("span", { class: "part-level" }, `${levelWords[part.level] ?? part.level}: ${words(part.cause)}`),
    h("span", { class: "part-since" }, `since ${clockTime(part.since, wall)}`),
    ...(part.message === null ? [] : [h("span", { class: "part-message" }, part.message)]),
  );
}

function outbox(health: HealthMessage): HTMLElement {
  const box = health.outbox;
  if (box == null) return h("p", {}, "No outbox: its verdicts go nowhere, or it is an older device.");
  const parts = [`${plural(box.waiting ?? 0, "verdict")} waiting for the broker`];
  if (typeof box.bytes === "number") parts.push(bytes(box.bytes));
  if (typeof box.oldestSeconds === "number") parts.push(`the oldest for ${span(box.oldestSeconds)}`);
  if (typeof box.dropped === "number" && box.dropped > 0) parts.push(`${plural(box.dropped, "verdict")} dropped for want of room`);
  return h("p", { class: "outbox" }, h("strong", {}, "Outbox: "), `${parts.join(", ")}.`);
}

function heat(health: HealthMessage): HTMLElement[] {
  if (health.heat === null) return [];
  const { hottest, throttled, powerMode } = health.heat;
  const list = [h("dt", {}, "Hottest"), h("dd", {}, hottest === null ? "–" : `${hottest.celsius.toFixed(0)} °C (${hottest.name})${throttled ? ", throttled" : ""}`)];
  return powerMode === null ? list : [...list, h("dt", {}, "Power mode"), h("dd", {}, powerMode)];
}
