import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Plugin } from "vite";

const root = resolve(import.meta.dirname, "..");

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** The packages that the page carries, with all that they carry. */
function carried(): Map<string, Manifest> {
  const found = new Map<string, Manifest>();
  const wanted = Object.keys((JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Manifest).dependencies ?? {});
  for (let name = wanted.pop(); name !== undefined; name = wanted.pop()) {
    const file = join(root, "node_modules", name, "package.json");
    if (found.has(name) || !existsSync(file)) continue;
    const manifest = JSON.parse(readFileSync(file, "utf8")) as Manifest;
    found.set(name, manifest);
    wanted.push(...Object.keys(manifest.dependencies ?? {}));
  }

  return found;
}

/** Writes licences.txt beside the page: the notices that the licences of its packages ask for. */
export function licences(): Plugin {
  return {
    name: "licences",
    apply: "build",
    generateBundle() {
      const notices = [...carried()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, { version, license }]) => {
        const folder = join(root, "node_modules", name);
        const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
        return `${name} ${version} (${license ?? "see below"})\n\n${file === undefined ? "" : readFileSync(join(folder, file), "utf8").trim()}\n`;
      });
      this.emitFile({ type: "asset", fileName: "licences.txt", source: notices.join(`\n${"-".repeat(80)}\n\n`) });
    },
  };
}
