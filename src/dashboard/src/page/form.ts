import { brokerAddress, forgetLogin, isLoopback, type Login, loadLogin, saveLogin } from "../broker/login";
import { h, setText } from "./dom";

/** Asks where the broker is and who asks. What is typed stays in this browser. */
export class ConnectForm {
  readonly element: HTMLElement;
  private readonly address = this.input("text", "broker-address", { inputmode: "url", autocomplete: "off", spellcheck: "false", placeholder: "wss://broker.example:9001" });
  private readonly user = this.input("text", "broker-user", { autocomplete: "username", spellcheck: "false" });
  private readonly password = this.input("password", "broker-password", { autocomplete: "current-password" });
  private readonly remember = this.input("checkbox", "broker-remember", {});
  private readonly fault = h("p", { class: "fault", attributes: { role: "alert", id: "broker-fault" } });
  private readonly onConnect: (address: string, login: Login) => void;

  constructor(suggested: string, onConnect: (address: string, login: Login) => void) {
    this.onConnect = onConnect;
    const form = h(
      "form",
      { class: "connect", attributes: { "aria-labelledby": "connect-title", novalidate: "" } },
      h("h1", { attributes: { id: "connect-title" } }, "Connect to a broker"),
      h("p", {}, "The page speaks to the MQTT broker by itself. Address and user are kept in this browser; the password only until it is closed, unless you say otherwise."),
      this.field("Broker address", this.address, "ws://host:port, or wss://host:port for TLS"),
      this.field("User", this.user, "empty where the broker lets everybody in"),
      this.field("Password", this.password, ""),
      h("p", { class: "check" }, this.remember, h("label", { attributes: { for: "broker-remember" } }, "Remember the password in this browser. Whoever uses it can then read it.")),
      this.fault,
      h("p", { class: "buttons" }, h("button", { class: "strong", attributes: { type: "submit" } }, "Connect"), h("button", { attributes: { type: "button" }, onClick: () => this.forget() }, "Forget all")),
    );
    this.address.setAttribute("aria-describedby", "broker-fault");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.element = form;
    this.fill(suggested);
  }

  fill(suggested: string): void {
    const login = loadLogin(suggested);
    this.address.value = login.address;
    this.user.value = login.user;
    this.password.value = login.password;
    this.remember.checked = login.remember;
  }

  focus(): void {
    this.address.focus();
  }

  private submit(): void {
    const read = brokerAddress(this.address.value, location);
    if ("fault" in read) {
      setText(this.fault, read.fault);
      this.address.setAttribute("aria-invalid", "true");
      this.address.focus();
      return;
    }

    this.address.removeAttribute("aria-invalid");
    const url = new URL(read.url);
    const login: Login = { address: this.address.value.trim(), user: this.user.value, password: this.password.value, remember: this.remember.checked };
    const isOpen = url.protocol === "ws:" && login.password !== "" && !isLoopback(url.hostname);
    const warning = "The password would cross the network unencrypted. Use wss://, or press Connect once more if this network is yours alone.";
    if (isOpen && this.fault.textContent !== warning) {
      setText(this.fault, warning);
      return;
    }

    setText(this.fault, "");
    saveLogin(login);
    this.onConnect(read.url, login);
  }

  private forget(): void {
    forgetLogin();
    for (const field of [this.address, this.user, this.password]) field.value = "";
    this.remember.checked = false;
    setText(this.fault, "Forgotten.");
    this.address.focus();
  }

  private input(type: string, id: string, attributes: Record<string, string>): HTMLInputElement {
    return h("input", { attributes: { type, id, ...attributes } });
  }

  private field(title: string, input: HTMLInputElement, hint: string): HTMLElement {
    const words = h("label", { attributes: { for: input.id } }, title);
    return h("p", { class: "field" }, words, input, ...(hint === "" ? [] : [h("span", { class: "note" }, hint)]));
  }
}
