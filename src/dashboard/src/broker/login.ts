/** Where the broker is and who asks. Lives in this browser only, and never in an address. */
export interface Login {
  readonly address: string;
  readonly user: string;
  readonly password: string;
  readonly remember: boolean;
}

const key = "heartsound.broker";
const secret = "heartsound.password";

/**
 * The address in full, or what is wrong with it. Without a scheme it is encrypted where the page is.
 * A page that came by https may not speak ws:// to another machine; the browser would only say that it failed.
 */
export function brokerAddress(text: string, page: { protocol: string; hostname: string }): { url: string } | { fault: string } {
  const typed = text.trim();
  if (typed === "") return { fault: "Give the broker's address, such as wss://broker.example:9001." };
  const secure = page.protocol === "https:";
  let url: URL;
  try {
    url = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(typed) ? typed : `${secure ? "wss" : "ws"}://${typed}`);
  } catch {
    return { fault: "This is no address. It looks like wss://broker.example:9001." };
  }

  if (url.protocol !== "ws:" && url.protocol !== "wss:") return { fault: "A browser speaks to a broker by ws:// or wss:// only; the broker needs a WebSocket listener." };
  if (url.username !== "" || url.password !== "") return { fault: "User and password go into their own fields, not into the address." };
  if (url.search !== "" || url.hash !== "") return { fault: "The address ends after host, port and path." };
  if (secure && url.protocol === "ws:" && !isLoopback(url.hostname)) return { fault: "This page came by https, so the browser allows only wss:// to the broker." };
  return { url: url.href };
}

export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127(\.\d{1,3}){3}$/.test(host);
}

/** What this browser knows. `suggested` is what whoever serves the page says. */
export function loadLogin(suggested: string): Login {
  const kept = parse(get(localStorage, key));
  const lasting = get(localStorage, secret);
  return {
    address: kept.address || suggested,
    user: kept.user,
    password: lasting ?? get(sessionStorage, secret) ?? "",
    remember: lasting !== null,
  };
}

export function hasLogin(): boolean {
  return get(localStorage, key) !== null;
}

export function saveLogin(login: Login): void {
  put(localStorage, key, JSON.stringify({ address: login.address, user: login.user }));
  put(sessionStorage, secret, login.remember ? null : login.password);
  put(localStorage, secret, login.remember ? login.password : null);
}

export function forgetLogin(): void {
  put(localStorage, key, null);
  put(localStorage, secret, null);
  put(sessionStorage, secret, null);
}

function parse(text: string | null): { address: string; user: string } {
  try {
    const value = JSON.parse(text ?? "{}") as { address?: unknown; user?: unknown };
    return { address: typeof value.address === "string" ? value.address : "", user: typeof value.user === "string" ? value.user : "" };
  } catch {
    return { address: "", user: "" };
  }
}

// A browser may forbid storage; then everything is asked for each time.
function get(storage: Storage, name: string): string | null {
  try {
    return storage.getItem(name);
  } catch {
    return null;
  }
}

function put(storage: Storage, name: string, value: string | null): void {
  try {
    if (value === null) storage.removeItem(name);
    else storage.setItem(name, value);
  } catch {
    // as above
  }
}
