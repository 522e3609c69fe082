import type { ProviderEntry } from "../ledgers.ts";
import { letLoadRun } from "../let-load-run.ts";
import { startRigLoad } from "../rig-load.ts";
import type { Scenario } from "../scenario.ts";

const OUTAGE_MS = 2_500;
const HEALTHY_MS = 500;
/** What waited through the outage has arrived so long after it. */
const RECOVERED_MS = 5_000;

const QUIET_MS = 40_000;

/** Worth something beyond the outage, or not: the first have to arrive, the second may end, and never late. */
const TTL_SECONDS = [1, 30, 30] as const;

export const providerOutage: Scenario = {
  name: "provider-outage",
  fault: "Apple and Google answer 503 to everything, then recover",
  short: { rounds: 1, perSecond: 80 },
  long: { rounds: 8, perSecond: 150 },
  async run(rig, { rounds, perSecond }) {
    const load = startRigLoad(rig, { perSecond, ttlSeconds: TTL_SECONDS });
    const mendedAt: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      await letLoadRun(HEALTHY_MS);
      rig.behave({ status: 503 });
      await letLoadRun(OUTAGE_MS);
      rig.behave({});
      mendedAt.push(Date.now());
    }
    await letLoadRun(HEALTHY_MS);
    await load.stop();
    await rig.awaitQuiet(QUIET_MS).catch(() => undefined);
    return listLatecomers(rig.provider.entries(), mendedAt);
  },
  expect: ({ client, states }, counts) => {
    const unmet = client.flatMap(({ key, ttlMs, tries }) => {
      const answer = tries.at(-1)?.answer;
      const state = answer?.kind === "answered" && answer.id !== undefined ? states.get(answer.id) : undefined;
      if (state === undefined || state === null || ttlMs < OUTAGE_MS * 2) return [];
      return state.state === "delivered" ? [] : [`${key} outlived the outage and is ${state.state} (${state.reason})`];
    });
    return [
      ...unmet,
      ...(counts.duplicates === 0
        ? []
        : [`${counts.duplicates} duplicates, though each 503 said that nothing was sent`]),
      ...(counts.expired > 0 ? [] : ["nothing expired: the outage was none"]),
    ];
  },
};

/** Sends that came long after the provider had recovered, of pushes that it had refused before. */
function listLatecomers(provider: readonly ProviderEntry[], mendedAt: readonly number[]): readonly string[] {
  const refused = new Map(
    provider.flatMap(({ accepted, pushId, receivedAt }) => (accepted ? [] : [[pushId, receivedAt]])),
  );
  const delays = provider.flatMap(({ accepted, pushId, receivedAt }) => {
    const mended = mendedAt.find((at) => at > (refused.get(pushId) ?? Infinity));
    return accepted && mended !== undefined ? [receivedAt - mended] : [];
  });
  const late = delays.filter((ms) => ms > RECOVERED_MS);
  if (late.length === 0) return [];
  return [
    `${late.length} of ${delays.length} arrived later than ${RECOVERED_MS} ms after the outage, the last after ${Math.max(...late)}`,
  ];
}
