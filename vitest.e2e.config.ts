import { defineConfig } from "vitest/config";

/** `npm run test:e2e`: what needs other servers of Debian's beside the gateway. */
export default defineConfig({
  test: {
    include: ["test/{freeswitch,load,prosody,sip}/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ["default", "./test/support/count-reporter.ts"],
    dangerouslyIgnoreUnhandledErrors: false,
  },
});
