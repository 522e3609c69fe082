import { defineConfig } from "vitest/config";

/** `npm run test:e2e`: what needs other programs of Debian's beside the gateway, servers and a browser. */
export default defineConfig({
  test: {
    include: [
      "test/{browser,cluster,freeswitch,load,prosody,sip}/**/*.test.ts",
      // Beside the others of npm test it would take a minute of ten.
      "test/e2e/send-explains.test.ts",
    ],
    // Measurements: `npm run measure:load`.
    exclude: ["test/load/{push-waits,cluster-retries}.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ["default", "./test/fixtures/count-reporter.ts"],
    dangerouslyIgnoreUnhandledErrors: false,
  },
});
