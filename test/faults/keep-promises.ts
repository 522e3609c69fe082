import { expect, it } from "vitest";
import { runScenario, type Scenario } from "./scenario.ts";
import { openSqliteUnderTest, type OpenStore } from "./store-under-test.ts";

/** Fixed, so that a failure can be repeated; `npm run test:faults -- --seed N` tries others. */
const SEED = 20_261_123;
const TIMEOUT_MS = 120_000;

/** Declares one test for the short form of each scenario. */
export function itKeepsEveryPromise(scenarios: readonly Scenario[], openStore: OpenStore = openSqliteUnderTest): void {
  for (const scenario of scenarios) {
    it.skipIf(scenario.canRun?.() === false)(
      `keeps every promise through ${scenario.name}`,
      { timeout: TIMEOUT_MS },
      async () => {
        const end = await runScenario(scenario, { seed: SEED, size: scenario.short, openStore });

        expect(end.violations.slice(0, 10)).toEqual([]);
        expect(end.counts).toMatchObject({ lost: 0, sendsAfterDeadline: 0 });
      },
    );
  }
}
