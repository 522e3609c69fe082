import { defineConfig } from "vitest/config";

/** `npm run measure:load`: takes minutes and wants a machine of its own, so no test suite runs it. */
export default defineConfig({
  test: {
    include: ["test/load/{push-waits,cluster-retries}.test.ts"],
    reporters: ["default", "./test/fixtures/count-reporter.ts"],
  },
});
