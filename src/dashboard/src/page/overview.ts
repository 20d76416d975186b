import type { Device } from "../state/device";
import { rank, standings, type Standing, type View } from "../state/standing";
import { h, Keyed, setText } from "./dom";
import { shape } from "./shapes";
import { Tile } from "./tile";
import { standingWord } from "./words";

export interface Seen {
  readonly device: Device;
  readonly view: View;
}

/** Those who need somebody first; among equals by name. */
export function inOrder(seen: readonly Seen[]): Seen[] {
  return [...seen].sort((a, b) => rank(a.view.standing) - rank(b.view.standing) || compare(a.device.name, b.device.name));
}

const names = new Intl.Collator("en", { numeric: true });

function compare(a: string, b: string): number {
  return names.compare(a, b);
}

/** How many stand how, in the order of the page. */
export function counts(seen: readonly Seen[]): { standing: Standing; count: number }[] {
  return standings.map((standing) => ({ standing, count: seen.filter((one) => one.view.standing === standing).length })).filter((one) => one.count > 0);
}

/** All devices. */
export class Overview {
  readonly element: HTMLElement;
  private readonly list = h("ul", { class: "tiles" });
  private readonly empty = h("p", { class: "empty" });
  private readonly tiles = new Map<string, Tile>();

  constructor() {
    this.element = h("div", { class: "overview" }, h("h2", { class: "unseen" }, "Devices"), this.empty, this.list);
  }

  update(seen: readonly Seen[], nothing: string): void {
    setText(this.empty, seen.length === 0 ? nothing : "");
    const order = inOrder(seen);
    const focused = document.activeElement;
    const isMoved = this.arrange(order);
    for (const { device, view } of order) this.tiles.get(device.name)?.update(device, view);
    // An element that is moved loses the focus, and a keyboard its place.
    if (isMoved && focused instanceof HTMLElement && this.list.contains(focused)) focused.focus({ preventScroll: true });
  }

  private arrange(order: readonly Seen[]): boolean {
    const names = new Set(order.map((one) => one.device.name));
    for (const [name, tile] of this.tiles) {
      if (names.has(name)) continue;
      tile.element.remove();
      this.tiles.delete(name);
    }

    let isMoved = false;
    let before: Element | null = null;
    for (const { device } of order) {
      let tile = this.tiles.get(device.name);
      if (tile === undefined) {
        tile = new Tile(device.name);
        this.tiles.set(device.name, tile);
      }

      const place: Element | null = before === null ? this.list.firstElementChild : before.nextElementSibling;
      if (place !== tile.element) {
        this.list.insertBefore(tile.element, place);
        isMoved = true;
      }

      before = tile.element;
    }

    return isMoved;
  }
}

/** The counts in the header. */
export class Counts {
  private readonly list = new Keyed(h("ul", { class: "counts", attributes: { "aria-label": "How the devices are" } }));

  get element(): HTMLElement {
    return this.list.element;
  }

  update(seen: readonly Seen[]): void {
    const found = counts(seen);
    this.list.show(found, () => found.map(({ standing, count }) => h("li", { attributes: { "data-standing": standing } }, shape(standing), h("strong", {}, String(count)), `${standingWord[standing].toLowerCase()}`)));
  }
}
