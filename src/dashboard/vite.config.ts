import { defineConfig } from "vite";
import { licences } from "./build/licences.ts";
import { schemas } from "./build/schemas.ts";

export default defineConfig({
  // Relative addresses: the files can lie in any folder of any web server.
  base: "./",
  plugins: [schemas(), licences()],
  build: {
    target: "es2022",
    // A data: address would need a hole in the page's policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  worker: { format: "es" },
});
