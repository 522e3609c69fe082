import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts", "scripts/**/*.test.ts", "bench/**/*.test.ts"],
    // These need other servers, a browser, or minutes: npm run test:e2e.
    exclude: [
      "node_modules/**",
      "test/{browser,cluster,freeswitch,load,prosody,sip}/**",
      "test/e2e/send-explains.test.ts",
    ],
    // Most of them wait for other processes: two cores have room for two.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 20_000,
    hookTimeout: 30_000,
    reporters: ["default", "./test/fixtures/count-reporter.ts"],
    dangerouslyIgnoreUnhandledErrors: false,
  },
});
