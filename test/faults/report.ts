import type { RunCounts } from "./count-run.ts";
import { INVARIANTS } from "./invariants.ts";
import { SCENARIOS } from "./scenarios.ts";
import type { ScenarioEnd } from "./scenario.ts";
import type { Spread } from "./take-over.ts";
import { renderTotals } from "./totals.ts";

export interface FaultReport {
  readonly startedAt: string;
  readonly node: string;
  readonly seed: number;
  readonly scale: number;
  readonly runs: readonly ScenarioEnd[];
  /** Scenarios that did not finish, with the reason. */
  readonly brokenOff: readonly string[];
}

const COLUMNS: readonly (readonly [title: string, read: (counts: RunCounts) => number])[] = [
  ["kills", ({ kills }) => kills],
  ["freezes", ({ freezes }) => freezes],
  ["outages of the store", ({ outages }) => outages],
  ["asked", ({ requested }) => requested],
  ["accepted", ({ accepted }) => accepted],
  ["refused", ({ refused }) => refused],
  ["no answer", ({ noAnswer }) => noAnswer],
  ["delivered", ({ delivered }) => delivered],
  ["expired", ({ expired }) => expired],
  ["failed", ({ failed }) => failed],
  ["**lost**", ({ lost }) => lost],
  ["sends", ({ sends }) => sends],
  ["**duplicates**", ({ duplicates }) => duplicates],
  ["allowed", ({ duplicatesAllowed }) => duplicatesAllowed],
  ["**after deadline**", ({ sendsAfterDeadline }) => sendsAfterDeadline],
  ["oracle lag ms", ({ oracleLagMs }) => oracleLagMs],
  ["take-over p50/p99/max ms", () => Number.NaN],
  ["first accept p50/p99/max ms", () => Number.NaN],
  ["refusal p50/p99/max ms", () => Number.NaN],
  ["violations", () => Number.NaN],
];

export function renderReport({ startedAt, node, seed, scale, runs, brokenOff }: FaultReport): string {
  const head = ["scenario", "store", ...COLUMNS.map(([title]) => title)];
  const rows = runs.map((run) => [
    run.scenario,
    run.store,
    ...COLUMNS.map(([title, read]) => cellOf(title, read, run)),
  ]);
  const faults = new Map(SCENARIOS.map(({ name, fault }) => [name, fault]));
  return `# Fault report

${startedAt}, Node ${node}, seed ${seed}, scale ${scale}. The same seed draws the same load and the same moments:
\`npm run test:faults -- --seed ${seed} --scale ${scale}\`.

**In total** (${(runs.reduce((sum, { seconds }) => sum + seconds, 0) / 60).toFixed(1)} minutes): ${renderTotals(runs)}.

${[head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n")}

**allowed** duplicates: sends in flight at kills, answers that the provider did not give, and answers that Redis could not
record before the lease ended. **take-over**: from a kill to the next attempt for a device that was owed one. **first accept**: from
Redis's being well again to the first accepted push of a subscriber whose push had been turned away. **refusal**: from a request to its
503 where the queue was full; the aim is a p99 of 20 ms. **oracle lag**: how long the machine stalled the test's own process; bounds in
time are wider by it.

## What was done

${runs.map(({ scenario, store, seconds }) => `- **${scenario}** on ${store}: ${faults.get(scenario) ?? ""} (${seconds.toFixed(0)} s)`).join("\n")}

## What was checked after each run

From outside, by comparing what the clients were told, what the provider received, and what the gateway says:

${Object.entries(INVARIANTS)
  .map(([name, text]) => `- ${name}: ${text}`)
  .join("\n")}

${[renderViolations(runs), ...brokenOff].join("\n\n")}
`;
}

function cellOf(title: string, read: (counts: RunCounts) => number, { counts, violations }: ScenarioEnd): string {
  if (title === "violations") return String(violations.length);
  if (title.startsWith("take-over")) return renderSpread(counts.takeOverMs);
  if (title.startsWith("refusal")) return renderSpread(counts.refusalMs);
  if (title.startsWith("first accept")) return renderSpread(counts.firstAcceptMs);
  return String(read(counts));
}

function renderSpread({ samples, p50, p99, max }: Spread): string {
  return samples === 0 ? "" : `${p50} / ${p99} / ${max} (${samples})`;
}

const MOST_SHOWN = 20;

function renderViolations(runs: readonly ScenarioEnd[]): string {
  const broken = runs.filter(({ violations }) => violations.length > 0);
  if (broken.length === 0) return "Every promise was kept.";
  return broken
    .map(({ scenario, store, violations }) => {
      const lines = violations.slice(0, MOST_SHOWN).map(({ invariant, detail }) => `- ${invariant}: ${detail}`);
      return `## Broken in ${scenario} on ${store} (${violations.length})\n\n${lines.join("\n")}`;
    })
    .join("\n\n");
}
