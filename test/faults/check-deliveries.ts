import type { ProviderEntry, RunRecord, StateEntry } from "./ledgers.ts";
import { hasUnknownOutcome, wasAnsweredTooLate } from "./unknown-outcomes.ts";

/**
 * The gateway's reason for "the provider may have it": https://www.rfc-editor.org/rfc/rfc9113#section-8.7 says which
 * requests are safe to repeat.
 */
const UNKNOWN = "answer_lost";

/**
 * Checks that no success is false, and no failure is, unless the outcome was lost and the reason says so. A test
 * subscriber has at most one phone per provider, so the provider identifies the phone. The token cannot, because the
 * gateway erases it when the push has ended.
 */
export function checkDeliveries(record: RunRecord): readonly string[] {
  const taken = Map.groupBy(
    record.provider.filter(({ accepted }) => accepted),
    ({ pushId }) => pushId,
  );
  return [...record.states].flatMap(([id, state]) => {
    if (state === null) return [];
    const entries = taken.get(id) ?? [];
    const falsePush = state.state === "delivered" && entries.length === 0;
    return [
      ...(falsePush ? [`${id} is delivered, and no device was sent anything`] : []),
      ...state.deliveries.flatMap((delivery) => {
        const own = entries.filter(({ provider }) => provider === delivery.provider);
        const problem = checkDelivery(delivery, own, state, record);
        return problem === undefined ? [] : [`${id} to ${delivery.provider} ${problem}`];
      }),
    ];
  });
}

function checkDelivery(
  { state, reason }: StateEntry["deliveries"][number],
  taken: readonly ProviderEntry[],
  { deadline }: StateEntry,
  record: RunRecord,
): string | undefined {
  if (state === "delivered") return taken.length === 0 ? "is delivered, and was never taken" : undefined;
  if (taken.length === 0) return undefined;
  const isKnown = (entry: ProviderEntry) =>
    !hasUnknownOutcome(entry, record) && !wasAnsweredTooLate(entry, deadline, record);
  if (taken.some(isKnown)) return `was taken and answered, and is ${state} (${reason})`;
  // A killed gateway records no reason; a living one must.
  const hasKill = taken.some((entry) => hasUnknownOutcome(entry, record) && entry.answeredAt !== Infinity);
  return hasKill || reason === UNKNOWN ? undefined : `may have been taken, and its reason is ${reason}`;
}
