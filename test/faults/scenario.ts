import { countRun, type RunCounts } from "./count-run.ts";
import { openFaultHarness, type FaultHarness } from "./fault-harness.ts";
import { checkInvariants, type Violation } from "./invariants.ts";
import type { RunRecord } from "./ledgers.ts";
import { readFirstAccepts } from "./outages.ts";
import type { OpenStore } from "./store-under-test.ts";
import { listLateTakeOvers, readTakeOvers } from "./take-over.ts";

/** Size of a run. The short form does once what the long form repeats. */
export interface Size {
  readonly rounds: number;
  readonly perSecond: number;
}

export interface Scenario {
  readonly name: string;
  /** Description of the fault in one line. */
  readonly fault: string;
  readonly hasLink?: boolean;
  readonly hasPeer?: boolean;
  /** Milliseconds by which the wall clocks of the gateway and its peer are ahead. */
  readonly clocksAheadMs?: readonly [number, number];
  /** A module that every gateway loads first, which may kill it. */
  readonly deadlyPreload?: string;
  /** As for the fixture. */
  readonly domains?: readonly string[];
  readonly peerDomains?: readonly string[];
  /** Set if the fault concerns a certain store; by default every store is tried. */
  readonly openStore?: OpenStore;
  /** Returns true if this machine allows the fault. */
  readonly canRun?: () => boolean;
  readonly short: Size;
  readonly long: Size;
  /** Checks promises beyond the invariants, and returns those that were not kept. */
  readonly expect: (record: RunRecord, counts: RunCounts, size: Size) => readonly string[];
  /**
   * Causes the fault. At its end a gateway is running and no client is active. Returned findings count as violations.
   */
  readonly run: (fixture: FaultHarness, size: Size) => Promise<readonly string[]>;
}

export interface ScenarioEnd {
  readonly scenario: string;
  readonly store: string;
  readonly seed: number;
  readonly seconds: number;
  readonly counts: RunCounts;
  /** In milliseconds; `counts` has their distribution. */
  readonly takeOvers: readonly number[];
  readonly firstAccepts: readonly number[];
  readonly violations: readonly (Violation | { readonly invariant: "scenario"; readonly detail: string })[];
}

export interface ScenarioOptions {
  readonly seed: number;
  readonly size: Size;
  readonly openStore: OpenStore;
  /**
   * For the long form: no kill may be followed by a late take-over. On a machine that runs other tests at the same time
   * this would prove nothing.
   */
  readonly boundsTakeOver?: boolean;
}

/** A lease, the next poll of the queue, and retries up to the deadline take much less than this. */
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
  await using fixture = await openFaultHarness({
    seed,
    openStore: open,
    hasLink: scenario.hasLink ?? false,
    hasPeer: scenario.hasPeer ?? false,
    clocksAheadMs: scenario.clocksAheadMs,
    deadlyPreload: scenario.deadlyPreload,
    domains: scenario.domains,
    peerDomains: scenario.peerDomains,
  });
  const found = await scenario.run(fixture, size);
  // Anything left after that is a finding, not a fault of the test.
  const noise = await fixture.awaitQuiet(QUIET_TIMEOUT_MS).then(
    () => [],
    (error: unknown) => [String(error)],
  );
  const record = await fixture.readRecord();
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

/** For runs in which every push must reach every device in time. */
export function everythingDelivered({ states }: RunRecord, { accepted, lost }: RunCounts): readonly string[] {
  const others = [...states].flatMap(([id, state]) => {
    const where = state?.deliveries.find((delivery) => delivery.state !== "delivered");
    if (state?.state === "delivered" && where === undefined) return [];
    return [`${id} is ${state?.state ?? "unknown"} (${where?.provider ?? ""} ${where?.reason ?? state?.reason ?? ""})`];
  });
  return [...others, ...(accepted === 0 ? ["nothing was accepted"] : []), ...(lost === 0 ? [] : [`${lost} were lost`])];
}
