/** Where in the page one is, by the fragment of its address. */
export type Route = { readonly name: "overview" } | { readonly name: "broker" } | { readonly name: "device"; readonly device: string };

export function parseRoute(hash: string): Route {
  if (hash === "#/broker") return { name: "broker" };
  const device = /^#\/device\/([A-Za-z0-9_-]{1,64})$/.exec(hash)?.[1];
  return device === undefined ? { name: "overview" } : { name: "device", device };
}
