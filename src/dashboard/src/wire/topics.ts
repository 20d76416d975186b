/** What a topic of version 1 of the contract carries. */
export type Kind = "status" | "verdict" | "latest" | "live" | "health" | "state";

export interface Topic {
  readonly device: string;
  readonly kind: Kind;
}

const deviceName = /^[A-Za-z0-9_-]{1,64}$/;

export const root = "heartsound";

/** What the page listens to, with the quality of service it asks for. */
export const subscriptions: Readonly<Record<string, { qos: 0 | 1 }>> = {
  [`${root}/+/status`]: { qos: 1 },
  [`${root}/+/health`]: { qos: 1 },
  [`${root}/+/verdict`]: { qos: 1 },
  [`${root}/+/verdict/latest`]: { qos: 1 },
  [`${root}/+/state/+`]: { qos: 1 },
  [`${root}/+/live`]: { qos: 0 },
};

/** Null for what is no topic of a device. */
export function parseTopic(topic: string): Topic | null {
  const parts = topic.split("/");
  const [first, device, kind, rest] = parts;
  if (first !== root || device === undefined || !deviceName.test(device)) return null;
  if (parts.length === 3 && (kind === "status" || kind === "verdict" || kind === "live" || kind === "health")) return { device, kind };
  if (parts.length === 4 && kind === "verdict" && rest === "latest") return { device, kind: "latest" };
  if (parts.length === 4 && kind === "state" && rest !== "") return { device, kind: "state" };
  return null;
}

export function commandTopic(device: string, command: string): string {
  return `${root}/${device}/cmd/${command}`;
}
