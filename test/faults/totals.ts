import type { RunCounts } from "./count-run.ts";
import type { ScenarioEnd } from "./scenario.ts";
import { readSpread } from "./take-over.ts";
import { DUPLICATE_CAUSES, type DuplicateCause } from "./unknown-outcomes.ts";

/** Returns one line about all runs of a report. */
export function renderTotals(runs: readonly Pick<ScenarioEnd, "counts" | "takeOvers" | "firstAccepts">[]): string {
  const sum = (read: (counts: RunCounts) => number) => runs.reduce((total, { counts }) => total + read(counts), 0);
  const kills = sum((counts) => counts.kills);
  const storeKills = sum((counts) => counts.storeKills);
  const impaired = sum((counts) => counts.outages) - storeKills;
  const freezes = sum((counts) => counts.freezes);
  const duplicates = sum((counts) => counts.duplicates);
  const causes = (Object.keys(DUPLICATE_CAUSES) as DuplicateCause[]).map(
    (cause) => `${sum((counts) => counts.duplicatesByCause[cause])} ${DUPLICATE_CAUSES[cause]}`,
  );
  const unexplained = sum((counts) => counts.duplicatesUnexplained);
  const takeOver = readSpread(runs.flatMap(({ takeOvers }) => takeOvers));
  const slowest = Math.max(0, ...runs.map(({ counts }) => counts.refusalMs.p99));
  const firstAccept = readSpread(runs.flatMap(({ firstAccepts }) => firstAccepts));
  return [
    `${sum(({ accepted }) => accepted)} accepted pushes`,
    `${kills + storeKills} kills (${kills} of a gateway, ${storeKills} of Redis) and ${impaired + freezes} other faults (${impaired} of Redis, ${freezes} gateways frozen)`,
    `${sum(({ lost }) => lost)} lost`,
    `${sum(({ sendsAfterDeadline }) => sendsAfterDeadline)} sent after the deadline`,
    `${duplicates} duplicates (${[...causes, `${unexplained} unexplained`].join(", ")})`,
    `take-over p50/p99/max ${takeOver.p50}/${takeOver.p99}/${takeOver.max} ms (${takeOver.samples} samples)`,
    `slowest p99 of the refusals of a full queue ${slowest} ms (${sum(({ refusalMs }) => refusalMs.samples)} refusals)`,
    `first accept after Redis is back p50/max ${firstAccept.p50}/${firstAccept.max} ms (${firstAccept.samples} outages)`,
  ].join(", ");
}
