/**
 * Runs one scenario in a separate process for `scripts/test-faults.ts`: `run-planned.ts INDEX OPTIONS`, where INDEX
 * refers to ALL_RUNS.
 */
import { runScenario, type ScenarioOptions } from "./scenario.ts";
import { ALL_RUNS } from "./scenarios.ts";

const [index = "", options = ""] = process.argv.slice(2);
const run = ALL_RUNS[Number(index)];
if (run === undefined) throw new Error(`There is no run ${index}; there are ${ALL_RUNS.length}.`);
// The parent process has died, so nothing waits for the result.
process.once("disconnect", () => process.exit(1));
const wishes = JSON.parse(options) as Omit<ScenarioOptions, "openStore">;
const end = await runScenario(run.scenario, { ...wishes, openStore: run.openStore });
process.send?.(end, () => process.exit());
