import { isTerminal, type Delivery, type Push } from "../push/push.ts";
import type { AttemptDelivery } from "./attempt-delivery.ts";
import type { Hold } from "./lease-keeper.ts";
import type { Lease } from "./push-store.ts";
import { Settlement, type SettlementDeps } from "./settlement.ts";
import type { WaitingRoom } from "./waiting-room.ts";

export interface DeliverPushDeps extends SettlementDeps {
  readonly attempt: AttemptDelivery;
  /** A retry nearer than this is waited for with the lease in hand; for a later one the push goes back to the queue. */
  readonly holdMs: number;
  /** Where those wait; where it is full, the push goes back as well. */
  readonly waitingRoom: WaitingRoom;
}

/** Sooner it would find the waiting room as it left it. */
const SPILLED_MS = 1_000;

/**
 * Works on a leased push until every delivery has ended or waits for a later retry; the devices do not wait for one another.
 * Never throws. No attempt starts without `confirm`, nor after `stop`: then what is open goes back to the queue at once. Answers
 * when the push falls due again, undefined where nothing is open.
 */
export type DeliverPush = (lease: Lease, stop: AbortSignal, confirm: Hold["confirm"]) => Promise<number | undefined>;

export function createDeliverPush(deps: DeliverPushDeps): DeliverPush {
  return async (lease, stop, confirm) => {
    const settlement = new Settlement(deps, lease, stop);
    const open = lease.push.deliveries.filter(({ state }) => !isTerminal(state));
    const work = { push: lease.push, settlement, stop, confirm };
    const ends = await Promise.all(open.map((delivery) => runDelivery(deps, work, delivery)));
    const handBackAt = readHandBack(ends, deps.clock());
    await settlement.finish(handBackAt);
    return handBackAt;
  };
}

interface Work {
  readonly push: Push;
  readonly settlement: Settlement;
  readonly stop: AbortSignal;
  readonly confirm: Hold["confirm"];
}

async function runDelivery(deps: DeliverPushDeps, work: Work, delivery: Delivery): Promise<Delivery> {
  const { push, settlement, stop, confirm } = work;
  let current = delivery;
  while (!isTerminal(current.state) && !settlement.closed) {
    const now = deps.clock();
    const { notBefore = now } = current;
    if (notBefore - now > deps.holdMs) return current;
    if (notBefore > now) {
      const wait = () => deps.sleep(notBefore - now, stop);
      if (!(await deps.waitingRoom.occupy(wait)))
        return { ...current, notBefore: Math.max(notBefore, now + SPILLED_MS) };
    }
    if (!stop.aborted) await confirm();
    if (stop.aborted || settlement.closed) return current;
    const result = await deps.attempt(push, current, stop);
    // A retry that had to wait for its turn is no news: in a storm there are thousands of them every second.
    if (isTerminal(result.state) || result.attempts > current.attempts) settlement.add(result);
    current = { ...current, ...result };
  }
  return current;
}

function readHandBack(deliveries: readonly Delivery[], now: number): number | undefined {
  const open = deliveries.filter(({ state }) => !isTerminal(state));
  return open.length === 0 ? undefined : Math.min(...open.map(({ notBefore }) => notBefore ?? now));
}
