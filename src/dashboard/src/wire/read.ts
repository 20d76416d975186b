import * as schemas from "virtual:schemas";
import type { HealthMessage, LiveMessage, StateMessage, StatusMessage, VerdictMessage } from "./messages";
import type { Kind, Topic } from "./topics";

/** Far more than any message of version 1 has; what is larger is not even parsed. */
export const maxPayloadBytes = 64 * 1024;

export type Message =
  | { readonly kind: "status"; readonly body: StatusMessage }
  | { readonly kind: "verdict" | "latest"; readonly body: VerdictMessage }
  | { readonly kind: "live"; readonly body: LiveMessage }
  | { readonly kind: "health"; readonly body: HealthMessage }
  | { readonly kind: "state"; readonly body: StateMessage };

/** A message that is as the contract says, or why it is not, in words for a technician. */
export type Reading = { readonly message: Message } | { readonly fault: string };

const validators: Record<Kind, schemas.Validator> = {
  status: schemas.status,
  verdict: schemas.verdict,
  latest: schemas.verdict,
  live: schemas.live,
  health: schemas.health,
  state: schemas.state,
};

const utf8 = new TextDecoder("utf-8", { fatal: true });

export function read(topic: Topic, payload: Uint8Array): Reading {
  if (payload.length > maxPayloadBytes) return { fault: `too large: ${payload.length.toLocaleString("en")} bytes` };
  let text: string;
  try {
    text = utf8.decode(payload);
  } catch {
    return { fault: "not text in UTF-8" };
  }

  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { fault: "not JSON" };
  }

  if (typeof value !== "object" || value === null || Array.isArray(value)) return { fault: "not a JSON object" };
  const version: unknown = Object.hasOwn(value, "schema") ? (value as { schema: unknown }).schema : undefined;
  if (version !== 1) return { fault: version === undefined ? "no schema version" : `schema version ${short(version)}; this page knows version 1` };
  const validate = validators[topic.kind];
  if (!validate(value)) return { fault: sentence(validate.errors?.[0]) };
  const body = value as { device: string };
  if (body.device !== topic.device) return { fault: `it is of device ${short(body.device)}` };
  return { message: { kind: topic.kind, body } as unknown as Message };
}

function sentence(fault: schemas.Fault | undefined): string {
  if (fault === undefined) return "not as the schema says";
  const where = fault.instancePath === "" ? "" : `${fault.instancePath.slice(1, 120).replaceAll("/", ".")}: `;
  return `${where}${fault.message ?? "not as the schema says"}`.slice(0, 300);
}

function short(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, 80);
}
