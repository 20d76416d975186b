import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import Ajv2020 from "ajv/dist/2020.js";
import standaloneCode from "ajv/dist/standalone/index.js";
import type { Plugin } from "vite";

const contract = resolve(import.meta.dirname, "../../../docs/mqtt");
const kinds = ["status", "verdict", "live", "health", "state"] as const;
const module = "virtual:schemas";

type Schema = { [key: string]: unknown };

// Regular expressions, as they end up in the generated code as they are; a format by function would need ajv at run time.
const formats = {
  uuid: /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i,
  "date-time": /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/,
};

function schemaOf(kind: string): Schema {
  return withoutWordLists(JSON.parse(readFileSync(resolve(contract, `${kind}.schema.json`), "utf8"))) as Schema;
}

/** What the page decides by: there a word that it does not know is not believed. */
const decisive = new Set(["level", "result", "status"]);

/** Lists of words may gain some within version 1 (hints, reasons, parts, causes): a page that is older than the device shows them as they are. */
function withoutWordLists(node: unknown, name = ""): unknown {
  if (Array.isArray(node)) return node.map((item) => withoutWordLists(item));
  if (typeof node !== "object" || node === null) return node;
  const out: Schema = {};
  for (const [key, value] of Object.entries(node)) {
    if (key === "propertyNames" || key === "uniqueItems") continue;
    // What a rule applies to stays as it is.
    if (key === "if") {
      out[key] = value;
      continue;
    }

    if (key === "enum" && Array.isArray(value) && !decisive.has(name)) {
      out["type"] = value.includes(null) ? ["string", "null"] : "string";
      out["maxLength"] = 200;
    } else {
      out[key] = withoutWordLists(value, key);
    }
  }
  return out;
}

/** The validators as one ES module without imports and without eval, as the page's policy wants it. */
export function validatorCode(): string {
  const ajv = new Ajv2020({ code: { source: true, esm: true }, allErrors: false, strict: false, logger: false, unicode: false, formats, messages: true });
  for (const kind of kinds) ajv.addSchema({ ...schemaOf(kind), $id: kind });
  return standaloneCode(ajv, Object.fromEntries(kinds.map((kind) => [kind, kind])));
}

/** Makes <c>virtual:schemas</c> importable: one validator a kind of message, compiled from docs/mqtt when the page is built. */
export function schemas(): Plugin {
  return {
    name: "schemas",
    resolveId: (id) => (id === module ? `\0${module}` : undefined),
    load: (id) => (id === `\0${module}` ? validatorCode() : undefined),
  };
}
