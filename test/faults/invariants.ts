import { isTerminal } from "../../src/push/push.ts";
import { checkDeliveries } from "./check-deliveries.ts";
import type { ClientEntry, ProviderEntry, RunRecord } from "./ledgers.ts";
import { readAcceptances, readVerdict } from "./read-client.ts";
import { readDuplicates, wasAnsweredTooLate, wasGivenUp, wasInFlightAtKill } from "./unknown-outcomes.ts";

/** Promises that hold in every run, numbered as in the fault report. */
export const INVARIANTS = {
  I1: "every accepted push has exactly one terminal state",
  I2: "the provider gets only what was accepted, or asked for and not answered; nothing that was refused",
  I3: "nothing is sent twice unless the outcome of the first attempt was lost, and then under the same apns-id",
  I4: "nothing is sent after its deadline",
  I5: "`delivered` is said of what the provider has taken, and of nothing else",
  I6: "one key is one push",
  I7: "nothing is left in the queue",
  I8: "the counters agree with the ledgers",
  I9: "no push is blamed for the death of its gateway",
  I12: "no gateway ends or complains that was not made to",
} as const;

export type Invariant = keyof typeof INVARIANTS;

export interface Violation {
  readonly invariant: Invariant;
  readonly detail: string;
}

/**
 * Clock difference between two processes on one machine, and the time from the gateway's clock reading to the
 * provider's.
 */
const CLOCK_SLACK_MS = 50;

type Check = (record: RunRecord) => readonly string[];

const CHECKS: Readonly<Record<Invariant, Check>> = {
  I1: checkTerminal,
  I2: checkOrigin,
  I3: checkDuplicates,
  I4: checkDeadlines,
  I5: checkDeliveries,
  I6: checkKeys,
  I7: ({ queueLeft }) => (queueLeft === 0 ? [] : [`${queueLeft} pushes are still in the queue`]),
  I8: checkCounters,
  I9: checkBlame,
  I12: ({ accidents }) => accidents,
};

/** Returns the broken promises. */
export function checkInvariants(record: RunRecord): readonly Violation[] {
  return (Object.keys(CHECKS) as Invariant[]).flatMap((invariant) =>
    CHECKS[invariant](record).map((detail) => ({ invariant, detail })),
  );
}

/** No load contains anything that could kill a gateway. */
function checkBlame({ states }: RunRecord): readonly string[] {
  return [...states].flatMap(([id, state]) => (state?.reason === "poison" ? [`${id} ended as poison`] : []));
}

function checkTerminal({ client, states, endings }: RunRecord): readonly string[] {
  const ids = new Set(client.flatMap(readAcceptances).map(({ id }) => id));
  const short = client.flatMap((entry) =>
    readAcceptances(entry).flatMap(({ id }) => {
      const count = states.get(id)?.deliveries.length ?? entry.tokens.length;
      return count === entry.tokens.length ? [] : [`${id} has ${count} deliveries for ${entry.tokens.length} devices`];
    }),
  );
  const open = [...ids].flatMap((id) => {
    const state = states.get(id)?.state;
    if (state === undefined) return [`${id} was accepted, and the gateway does not know it`];
    return isTerminal(state) ? [] : [`${id} was accepted, and is still ${state}`];
  });
  const twice = [...endings].flatMap(([id, count]) => (count > 1 ? [`${id} ended ${count} times`] : []));
  return [...open, ...short, ...twice];
}

function listCodes({ tries }: ClientEntry): string {
  return tries
    .map(({ answer }) => (answer.kind === "answered" ? (answer.code ?? answer.status) : answer.kind))
    .join(", ");
}

function checkOrigin(record: RunRecord): readonly string[] {
  const { client, provider } = record;
  const byKey = indexByKey(client);
  return provider.flatMap(({ key, pushId, token }) => {
    const entry = byKey.get(key);
    if (entry === undefined) return [`${pushId}: nobody asked for it (key "${key}")`];
    const verdict = readVerdict(entry, record);
    if (verdict === "refused" || verdict === "not-sent")
      return [`${pushId}: its client was told ${verdict} (${key}: ${listCodes(entry)})`];
    return entry.tokens.includes(token) ? [] : [`${pushId}: went to a device that is not ${entry.callee}'s (${key})`];
  });
}

function checkDuplicates(record: RunRecord): readonly string[] {
  const again = readDuplicates(record).unexplained.map(
    ({ first: { pushId, receivedAt, answeredAt }, again: { receivedAt: againAt } }) =>
      `${pushId}: taken again at ${againAt}, although its attempt of ${receivedAt} was answered at ${answeredAt}`,
  );
  return [...again, ...listWrongIds(record.provider)];
}

/** Each notification must have one apns-id for all of its attempts, and share it with no other. */
function listWrongIds(provider: readonly ProviderEntry[]): readonly string[] {
  const named = provider.flatMap(({ pushId, token, apnsId }) =>
    apnsId === undefined ? [] : [{ notification: `${pushId} ${token}`, pushId, apnsId: apnsId.toLowerCase() }],
  );
  const idOf = new Map(named.map(({ notification, apnsId }) => [notification, apnsId]));
  const ownerOf = new Map(named.map(({ notification, apnsId }) => [apnsId, notification]));
  const renamed = named.filter(({ notification, apnsId }) => idOf.get(notification) !== apnsId);
  const shared = named.filter(({ notification, apnsId }) => ownerOf.get(apnsId) !== notification);
  return [
    ...renamed.map(({ pushId, apnsId }) => `${pushId}: sent under the apns-id ${apnsId} and under another one`),
    ...shared.map(({ pushId, apnsId }) => `${pushId}: sent under the apns-id ${apnsId}, which another one has`),
  ];
}

/** Returns by how much each late entry missed its deadline. */
export function readLateness({ provider, states, oracleLagMs }: RunRecord): readonly (readonly [string, number])[] {
  return provider.flatMap(({ pushId, receivedAt }) => {
    const lateMs = receivedAt - (states.get(pushId)?.deadline ?? Infinity);
    return lateMs > CLOCK_SLACK_MS + oracleLagMs ? [[pushId, lateMs] as const] : [];
  });
}

function checkDeadlines(record: RunRecord): readonly string[] {
  const late = readLateness(record).map(([id, ms]) => `${id}: sent ${ms} ms after its deadline`);
  const moved = record.client.flatMap((entry) => {
    const [first] = readAcceptances(entry);
    const deadline = record.states.get(first?.id ?? "")?.deadline;
    if (first === undefined || deadline === undefined || deadline <= first.at + entry.ttlMs) return [];
    return [`${first.id}: its deadline is later than its client asked for (${entry.key})`];
  });
  return [...late, ...moved];
}

function checkKeys({ client, provider }: RunRecord): readonly string[] {
  const sent = Map.groupBy(provider, ({ key }) => key);
  return client.flatMap((entry) => {
    const told = readAcceptances(entry).map(({ id }) => id);
    const ids = new Set([...told, ...(sent.get(entry.key) ?? []).map(({ pushId }) => pushId)]);
    return ids.size > 1 ? [`${entry.key} became ${ids.size} pushes: ${[...ids].join(", ")}`] : [];
  });
}

/** Requires gateways that were never killed. A request without an answer may or may not have been counted. */
function checkCounters(record: RunRecord): readonly string[] {
  const { counters, client, provider, states } = record;
  if (counters === undefined) return [];
  const accepted = new Set(client.flatMap(readAcceptances).map(({ id }) => id)).size;
  const unsure = client.filter((entry) => readVerdict(entry, record) === "no-answer").length;
  const taken = provider.filter((entry) => entry.accepted && entry.answeredAt !== Infinity);
  const isLate = (entry: ProviderEntry) =>
    wasInFlightAtKill(entry, record) ||
    wasGivenUp(entry, record) ||
    wasAnsweredTooLate(entry, states.get(entry.pushId)?.deadline ?? Infinity, record);
  const leastTaken = taken.filter((entry) => !isLate(entry)).length;
  const problems: string[] = [];
  if (!(counters.accepted >= accepted && counters.accepted <= accepted + unsure))
    problems.push(`pushes_accepted_total is ${counters.accepted}, the clients know of ${accepted} (+ ${unsure})`);
  if (counters.ended !== counters.accepted)
    problems.push(`pushes_ended_total is ${counters.ended}, pushes_accepted_total ${counters.accepted}`);
  if (!(counters.attemptsDelivered >= leastTaken && counters.attemptsDelivered <= taken.length))
    problems.push(`attempts_total{delivered} is ${counters.attemptsDelivered}, the provider answered ${taken.length}`);
  return problems;
}

function indexByKey(client: readonly ClientEntry[]): ReadonlyMap<string, ClientEntry> {
  return new Map(client.map((entry) => [entry.key, entry]));
}
