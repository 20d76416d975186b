import { defineConfig } from "vitest/config";
import { schemas } from "../../src/dashboard/build/schemas.ts";

// unit/ is logic alone; browser/ takes a Chromium, a mosquitto and bin/heartsound, and has the machine to itself.
export default defineConfig({
  root: import.meta.dirname,
  plugins: [schemas()],
  test: {
    include: ["unit/**/*.test.ts", "browser/**/*.test.ts"],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    watch: false,
  },
});
