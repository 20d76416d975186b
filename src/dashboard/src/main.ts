import "./style/page.css";
import { App } from "./app";

/** What whoever serves the page says about the broker; nothing, where it is plain files. */
async function suggestedBroker(): Promise<string> {
  try {
    const answer = await fetch("./config.json", { cache: "no-store" });
    const value = (await answer.json()) as { brokerUrl?: unknown } | null;
    return typeof value?.brokerUrl === "string" ? value.brokerUrl : "";
  } catch {
    return "";
  }
}

new App(document, await suggestedBroker());
