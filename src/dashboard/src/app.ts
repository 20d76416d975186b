import { Connection } from "./broker/connection";
import { brokerAddress, hasLogin, loadLogin } from "./broker/login";
import { randomId } from "./broker/random";
import { Ticker } from "./broker/ticker";
import { Announcer } from "./page/announcer";
import type { Order } from "./page/commands";
import { DevicePage } from "./page/device";
import { h } from "./page/dom";
import { ConnectForm } from "./page/form";
import { Header } from "./page/header";
import { Overview, type Seen } from "./page/overview";
import { titleOf } from "./page/title";
import { parseRoute, type Route } from "./page/route";
import { Commands } from "./state/commands";
import { viewOf } from "./state/standing";
import { Store } from "./state/store";
import { browserClock } from "./state/time";
import { commandTopic } from "./wire/topics";

const drawEveryMs = 250;

/** Puts the page together: what comes from the broker goes into the store, and four times a second what the store holds goes onto the page. */
export class App {
  private readonly clock = browserClock;
  private readonly ticker = new Ticker();
  private readonly store = new Store(this.clock);
  private readonly commands = new Commands(this.clock);
  private readonly connection = new Connection(this.clock, this.ticker);
  private readonly overview = new Overview();
  private readonly main: HTMLElement;
  private readonly header: Header;
  private readonly announcer: Announcer;
  private readonly form: ConnectForm;
  private devicePage: DevicePage | null = null;
  private shown = "";
  private opened = "";

  constructor(page: Document, suggested: string) {
    const part = (id: string): HTMLElement => {
      const element = page.getElementById(id);
      if (element === null) throw new Error(`the page has no ${id}`);
      return element;
    };
    this.main = part("main");
    this.header = new Header(part("header"), part("banner"));
    this.announcer = new Announcer(part("polite"), part("assertive"));
    this.form = new ConnectForm(suggested, (address, login) => {
      if (address !== this.opened) this.store.clear();
      this.opened = address;
      this.connection.open(address, login);
      if (this.route().name === "broker") location.hash = "#/";
      this.draw();
    });
    // The link jumps to an element; the fragment is the route and stays.
    part("skip").addEventListener("click", (event) => {
      event.preventDefault();
      this.main.focus();
    });
    this.connection.onMessage = (topic, payload, retained) => this.store.take(topic, payload, retained);
    this.connection.onChange = () => this.draw();
    this.store.onState = (device, retained) => {
      if (retained) return;
      for (const state of device.states.values()) this.commands.answer(device.name, state.body);
    };
    addEventListener("hashchange", () => this.draw());
    this.ticker.set(() => this.draw(), drawEveryMs);
    this.start(suggested);
  }

  private start(suggested: string): void {
    const login = loadLogin(suggested);
    const read = brokerAddress(login.address, location);
    if ("url" in read && hasLogin()) {
      this.opened = read.url;
      this.connection.open(read.url, login);
    }

    this.draw();
  }

  /** Without a broker there is nothing to show but the question where it is; the address of the page stays, and leads on afterwards. */
  private route(): Route {
    const route = parseRoute(location.hash);
    return this.connection.state.phase === "off" ? { name: "broker" } : route;
  }

  private draw(): void {
    const now = this.clock();
    const state = this.connection.state;
    const connected = state.phase === "connected" ? state.since : null;
    const seen: Seen[] = [...this.store.devices.values()].map((device) => ({ device, view: viewOf(device, now, connected) }));
    this.header.update(state, seen, now, this.store.beyond, this.store.foreign);
    this.announcer.update(seen);
    const title = titleOf(state.phase, seen);
    if (document.title !== title) document.title = title;

    const route = this.route();
    this.show(route);
    if (route.name === "overview") this.overview.update(seen, state.phase === "connected" ? "No device was heard of yet." : "");
    else if (route.name === "device") {
      const one = seen.find(({ device }) => device.name === route.device);
      this.devicePage?.update(one === undefined ? null : { ...one, now });
    }
  }

  private show(route: Route): void {
    const key = route.name === "device" ? `device ${route.device}` : route.name;
    if (key === this.shown) return;
    const isFirst = this.shown === "";
    this.shown = key;
    this.devicePage = route.name === "device" ? new DevicePage(route.device, { send: (device, order) => this.send(device, order), last: (device) => this.commands.last(device) }) : null;
    this.main.replaceChildren(this.devicePage?.element ?? (route.name === "broker" ? this.form.element : h("div", {}, h("h1", { class: "unseen" }, "HeartSound devices"), this.overview.element)));
    if (route.name === "broker") this.form.focus();
    else if (!isFirst) {
      scrollTo(0, 0);
      if (this.devicePage !== null) this.devicePage.focus();
      else this.main.focus({ preventScroll: true });
    }
  }

  private send(device: string, order: Order): void {
    const id = randomId();
    this.commands.ask(id, device, order.command, order.words);
    this.connection.send(commandTopic(device, order.command), JSON.stringify({ ...order.payload, id }), (why) => this.commands.fail(id, why));
    this.draw();
  }
}
