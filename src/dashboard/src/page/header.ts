import type { ConnectionState } from "../broker/connection";
import { span, type Now } from "../state/time";
import { h, setAttribute, setText } from "./dom";
import { Counts, type Seen } from "./overview";
import { clockTime, plural } from "./words";

const phaseWords = { off: "Not connected", connecting: "Connecting …", connected: "Connected", refused: "Refused" } as const;

/** What is always in sight: the way to the broker, how many devices stand how, what time it is. */
export class Header {
  private readonly counts = new Counts();
  private readonly phase = h("span");
  private readonly connection = h("a", { class: "connection", attributes: { href: "#/broker" } }, h("span", { class: "dot", attributes: { "aria-hidden": "true" } }), this.phase);
  private readonly time = h("span", { class: "time" });
  private readonly banner: HTMLElement;

  constructor(host: HTMLElement, banner: HTMLElement) {
    this.banner = banner;
    banner.setAttribute("role", "alert");
    host.append(
      h("p", { class: "brand" }, h("a", { attributes: { href: "#/" } }, "HeartSound")),
      h("p", { class: "disclaimer" }, "Not a medical device"),
      h("nav", { attributes: { "aria-label": "Broker" } }, this.connection),
      this.time,
      this.counts.element,
    );
  }

  update(state: ConnectionState, seen: readonly Seen[], now: Now, beyond: number, foreign: number): void {
    setText(this.phase, phaseWords[state.phase]);
    setAttribute(this.connection, "data-phase", state.phase);
    setAttribute(this.connection, "title", state.address);
    setText(this.time, new Date(now.wall).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" }));
    this.counts.update(seen);
    const text = bannerText(state, seen.length, now, beyond, foreign);
    setAttribute(this.banner, "hidden", text === "" ? "" : null);
    setAttribute(this.banner, "data-phase", state.phase);
    setText(this.banner, text);
  }
}

function bannerText(state: ConnectionState, devices: number, now: Now, beyond: number, foreign: number): string {
  if (state.phase === "off") return "";
  if (state.phase !== "connected") {
    const seconds = (now.steady - state.since.steady) / 1000;
    // In steps, so that a screen reader is not told every second.
    const long = seconds < 60 ? "" : `, ${span(seconds)} ago`;
    const old = devices > 0 ? " What is shown below is old." : "";
    return seconds < 1 && state.why === "" ? "" : `No connection to ${state.address} since ${clockTime(new Date(state.since.wall).toISOString(), now.wall)}${long}.${old} ${state.why} Trying again, for ever.`;
  }

  const parts = [state.why];
  if (beyond > 0) parts.push("There are more devices than this page shows: the first thousand.");
  if (foreign > 0) parts.push(`${plural(foreign, "message")} under heartsound/ came from nothing that can be a device.`);
  return parts.filter((part) => part !== "").join(" ");
}
