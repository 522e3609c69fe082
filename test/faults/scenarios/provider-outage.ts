import type { FaultHarness } from "../fault-harness.ts";
import type { ProviderEntry } from "../ledgers.ts";
import { letLoadRun } from "../let-load-run.ts";
import { startRigLoad } from "../fixture-load.ts";
import type { Scenario } from "../scenario.ts";

/**
 * Longer than the longest pause before a retry; the second also so long that more pushes wait than the gateway can
 * hold.
 */
const OUTAGES_MS = [2_500, 20_000] as const;
const HEALTHY_MS = 500;
/** Time after an outage by which the backlog has arrived and new pushes arrive at once. */
const RECOVERED_MS = 5_000;
/** Steady time before the next outage begins. */
const STEADY_MS = 2_000;
const AT_ONCE_MS = 1_000;
const NORMAL_SHARE = 0.95;

/** Share of first attempts that may be repeated without success during an outage. */
const RETRY_SHARE = 0.1;
/** Retries made in any case, for calls and other pushes of each of the two apps: the savings, and one per second. */
const SAVED_RETRIES = 4 * 100;
const RETRIES_PER_SECOND = 4;

const QUIET_MS = 40_000;

/**
 * Lifetimes beyond the outage or within it. Pushes of the first kind must arrive, the others may expire, and none may
 * be late.
 */
const TTL_SECONDS = [1, 30, 30] as const;
const SHORT_TTL_MS = 1_000;

interface ProviderOutage {
  readonly at: number;
  readonly mendedAt: number;
}

export const providerOutage: Scenario = {
  name: "provider-outage",
  fault: `Apple and Google answer 503 to everything for ${OUTAGES_MS.join(", ")} ms in turn, then recover`,
  short: { rounds: 1, perSecond: 80 },
  long: { rounds: 4, perSecond: 150 },
  async run(fixture, { rounds, perSecond }) {
    const load = startRigLoad(fixture, { perSecond, ttlSeconds: TTL_SECONDS });
    const outages: ProviderOutage[] = [];
    for (let round = 0; round < rounds; round += 1) {
      await letLoadRun(HEALTHY_MS);
      const at = Date.now();
      fixture.behave({ status: 503 });
      await letLoadRun(OUTAGES_MS[round % OUTAGES_MS.length] ?? OUTAGES_MS[0]);
      fixture.behave({});
      outages.push({ at, mendedAt: Date.now() });
      // A further outage before the end of this one's effects would be measured with it.
      if (rounds > 1) await letLoadRun(RECOVERED_MS + STEADY_MS);
    }
    await letLoadRun(HEALTHY_MS);
    await load.stop();
    await fixture.awaitQuiet(QUIET_MS).catch(() => undefined);
    const sent = fixture.provider.entries();
    return [...listLatecomers(sent, outages), ...listRetryStorms(sent, outages), ...listSlowStarts(fixture, outages)];
  },
  expect: ({ client, states }, counts) => {
    const unmet = client.flatMap(({ key, ttlMs, tries }) => {
      const answer = tries.at(-1)?.answer;
      const state = answer?.kind === "answered" && answer.id !== undefined ? states.get(answer.id) : undefined;
      if (state === undefined || state === null || ttlMs === SHORT_TTL_MS) return [];
      return state.state === "delivered" ? [] : [`${key} outlived the outage and is ${state.state} (${state.reason})`];
    });
    const duplicates = counts.duplicates - counts.duplicatesByCause.gaveUp;
    return [
      ...unmet,
      ...(duplicates === 0 ? [] : [`${duplicates} duplicates, though each 503 said that nothing was sent`]),
      ...(counts.expired > 0 ? [] : ["nothing expired: the outage was none"]),
    ];
  },
};

type Sent = readonly ProviderEntry[];
type Outages = readonly ProviderOutage[];

const deliveryOf = ({ pushId, token }: ProviderEntry): string => `${pushId} ${token}`;

/** Returns sends long after the provider's recovery of pushes that it had refused before. */
function listLatecomers(sent: Sent, outages: Outages): readonly string[] {
  const refused = new Map(sent.flatMap((entry) => (entry.accepted ? [] : [[deliveryOf(entry), entry.receivedAt]])));
  const delays = sent.flatMap((entry) => {
    const refusedAt = refused.get(deliveryOf(entry)) ?? Infinity;
    const outage = outages.find(({ mendedAt }) => mendedAt > refusedAt);
    return entry.accepted && outage !== undefined ? [entry.receivedAt - outage.mendedAt] : [];
  });
  const late = delays.filter((ms) => ms > RECOVERED_MS);
  if (late.length === 0) return [];
  const last = Math.max(...late);
  return [
    `${late.length} of ${delays.length} arrived later than ${RECOVERED_MS} ms after the outage, the last ${last}`,
  ];
}

/** Returns repeated sends without success beyond the load that a failing provider may get. */
function listRetryStorms(sent: Sent, outages: Outages): readonly string[] {
  return outages.flatMap(({ at, mendedAt }) => {
    const during = sent.filter(({ receivedAt, accepted }) => !accepted && receivedAt >= at && receivedAt <= mendedAt);
    const first = new Set(during.map(deliveryOf)).size;
    const retries = during.length - first;
    const allowed = SAVED_RETRIES + RETRY_SHARE * first + (RETRIES_PER_SECOND * (mendedAt - at)) / 1000;
    return retries <= allowed ? [] : [`${retries} retries in an outage with ${first} first attempts`];
  });
}

/** Returns pushes that came after the expected recovery and whose first attempt was late. */
function listSlowStarts({ ledger, provider }: FaultHarness, outages: Outages): readonly string[] {
  const firstSentAt = new Map<string, number>();
  for (const { key, token, receivedAt } of provider.entries()) {
    const name = `${key} ${token}`;
    if (!firstSentAt.has(name)) firstSentAt.set(name, receivedAt);
  }
  return outages.flatMap(({ mendedAt }) => {
    const from = mendedAt + RECOVERED_MS;
    const waits = ledger.entries().flatMap(({ key, tokens, tries }) => {
      const acceptedAt =
        tries.find(({ answer }) => answer.kind === "answered" && answer.status === 202)?.answer.at ?? 0;
      if (acceptedAt < from || acceptedAt > from + STEADY_MS) return [];
      return tokens.map((token) => (firstSentAt.get(`${key} ${token}`) ?? Infinity) - acceptedAt);
    });
    const atOnce = waits.filter((ms) => ms <= AT_ONCE_MS).length;
    if (waits.length === 0 || atOnce >= NORMAL_SHARE * waits.length) return [];
    return [`${atOnce} of ${waits.length} were sent at once ${RECOVERED_MS} ms after the outage`];
  });
}
