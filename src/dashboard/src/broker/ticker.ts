import TickerWorker from "./ticker.worker?worker&url";

interface Policy {
  createScriptURL(address: string): string;
}

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL: (address: string) => string }): Policy;
}

/** The page's policy lets no text become a script's address but through this: only the page's own worker. */
function ownScript(address: string): string {
  const types = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes;
  const rules = {
    createScriptURL: (wanted: string): string => {
      if (wanted !== TickerWorker) throw new TypeError("no script of this page");
      return wanted;
    },
  };
  return types === undefined ? address : types.createPolicy("heartsound", rules).createScriptURL(address);
}

/** Intervals that also run while nobody looks at the page, in the form in which mqtt.js wants them. */
export class Ticker {
  private readonly worker = new Worker(ownScript(TickerWorker), { type: "module" });
  private readonly actions = new Map<number, () => void>();
  private next = 1;

  constructor() {
    this.worker.addEventListener("message", (event: MessageEvent<number>) => this.actions.get(event.data)?.());
  }

  readonly set = (action: () => void, every: number): number => {
    const id = this.next++;
    this.actions.set(id, action);
    this.worker.postMessage({ id, every });
    return id;
  };

  readonly clear = (id: number): void => {
    this.actions.delete(id);
    this.worker.postMessage({ id, every: null });
  };
}
