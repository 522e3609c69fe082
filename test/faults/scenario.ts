import { countRun, type RunCounts } from "./count-run.ts";
import { openFaultRig, type FaultRig } from "./fault-rig.ts";
import { checkInvariants, type Violation } from "./invariants.ts";
import type { RunRecord } from "./ledgers.ts";
import { readFirstAccepts } from "./outages.ts";
import type { OpenStore } from "./store-under-test.ts";
import { listLateTakeOvers, readTakeOvers } from "./take-over.ts";

/** How big a run is; the short form is 1 of everything that the long form has many of. */
export interface Size {
  readonly rounds: number;
  readonly perSecond: number;
}

export interface Scenario {
  readonly name: string;
  /** What is done to the gateway, in one line. */
  readonly fault: string;
  readonly hasLink?: boolean;
  readonly hasPeer?: boolean;
  /** How far the wall clocks of the gateway and of its peer are ahead. */
  readonly clocksAheadMs?: readonly [number, number];
  /** As the rig has them. */
  readonly domains?: readonly string[];
  readonly peerDomains?: readonly string[];
  /** Where the fault is the store's own; else every store is tried. */
  readonly openStore?: OpenStore;
  /** Whether this machine lets us do the harm. */
  readonly canRun?: () => boolean;
  readonly short: Size;
  readonly long: Size;
  /** What this run promises beyond the invariants; each text is a promise that was not kept. */
  readonly expect: (record: RunRecord, counts: RunCounts, size: Size) => readonly string[];
  /** Does the harm, and leaves with a gateway running and no client at work. Further findings are violations too. */
  readonly run: (rig: FaultRig, size: Size) => Promise<readonly string[]>;
}

export interface ScenarioEnd {
  readonly scenario: string;
  readonly store: string;
  readonly seed: number;
  readonly seconds: number;
  readonly counts: RunCounts;
  /** In milliseconds; `counts` has their spread. */
  readonly takeOvers: readonly number[];
  readonly firstAccepts: readonly number[];
  readonly violations: readonly (Violation | { readonly invariant: "scenario"; readonly detail: string })[];
}

export interface ScenarioOptions {
  readonly seed: number;
  readonly size: Size;
  readonly openStore: OpenStore;
  /** The long form: no kill may be followed by a late take-over. On a machine that runs other tests at once that would prove nothing. */
  readonly boundsTakeOver?: boolean;
}

/** A lease, the look at the queue after it, retries up to the deadline: quiet comes well before this. */
const QUIET_TIMEOUT_MS = 45_000;

export async function runScenario(
  scenario: Scenario,
  { seed, size, openStore, boundsTakeOver = false }: ScenarioOptions,
): Promise<ScenarioEnd> {
  const startedAt = performance.now();
  let store = "";
  const open: OpenStore = async (directory) => {
    const opened = await (scenario.openStore ?? openStore)(directory);
    store = opened.name;
    return opened;
  };
  await using rig = await openFaultRig({
    seed,
    openStore: open,
    hasLink: scenario.hasLink ?? false,
    hasPeer: scenario.hasPeer ?? false,
    clocksAheadMs: scenario.clocksAheadMs,
    domains: scenario.domains,
    peerDomains: scenario.peerDomains,
  });
  const found = await scenario.run(rig, size);
  // What is left after that is a finding, not an accident of the test.
  const noise = await rig.awaitQuiet(QUIET_TIMEOUT_MS).then(
    () => [],
    (error: unknown) => [String(error)],
  );
  const record = await rig.readRecord();
  const counts = countRun(record);
  const late = boundsTakeOver ? listLateTakeOvers(counts, record) : [];
  const unmet = [...new Set([...found, ...noise, ...scenario.expect(record, counts, size), ...late])];
  return {
    scenario: scenario.name,
    store,
    seed,
    seconds: (performance.now() - startedAt) / 1000,
    counts,
    takeOvers: readTakeOvers(record),
    firstAccepts: readFirstAccepts(record.client, record.outages),
    violations: [...checkInvariants(record), ...unmet.map((detail) => ({ invariant: "scenario" as const, detail }))],
  };
}

/** For runs in which nothing may stop a push from reaching every device in time. */
export function everythingDelivered({ states }: RunRecord, { accepted, lost }: RunCounts): readonly string[] {
  const others = [...states].flatMap(([id, state]) => {
    const where = state?.deliveries.find((delivery) => delivery.state !== "delivered");
    if (state?.state === "delivered" && where === undefined) return [];
    return [`${id} is ${state?.state ?? "unknown"} (${where?.provider ?? ""} ${where?.reason ?? state?.reason ?? ""})`];
  });
  return [...others, ...(accepted === 0 ? ["nothing was accepted"] : []), ...(lost === 0 ? [] : [`${lost} were lost`])];
}
