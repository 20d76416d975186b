import { h, Keyed, panel, setAttribute } from "./dom";
import type { Moment, Panel } from "./panels";
import { clockTime } from "./words";

/** Messages of the device that are not as the contract says. Not there where there are none. */
export class TroublePanel implements Panel {
  private readonly list = new Keyed(h("ul", { class: "trouble-list" }));
  readonly element = panel("Messages that could not be read", "trouble", this.list.element);

  update({ device, now }: Moment): void {
    const problems = device.problems.list();
    setAttribute(this.element, "hidden", problems.length === 0 && device.leftOut === 0 ? "" : null);
    this.list.show([problems, device.leftOut], () => [
      ...problems.map((p) => h("li", {}, h("code", {}, p.topic), ` ${p.why} `, h("span", { class: "note" }, `(${p.count} ×, last ${clockTime(new Date(p.wall).toISOString(), now.wall)})`))),
      ...(device.leftOut === 0 ? [] : [h("li", {}, `${device.leftOut} messages came faster than a device sends them and were left out.`)]),
    ]);
  }
}
