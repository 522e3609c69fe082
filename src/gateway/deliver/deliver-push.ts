import { isTerminal, type Delivery, type Push } from "../../push/push.ts";
import type { AttemptDelivery } from "./attempt-delivery.ts";
import type { PushReason } from "../../push/explanations/gateway.ts";
import type { BuildTurn } from "../push-provider.ts";
import type { Hold } from "./lease-keeper.ts";
import { LONE_DEATHS_UNTIL_POISON, type Quarantine } from "./quarantine.ts";
import type { DeliveryResult } from "../push-store.ts";
import { Settlement, type SettlementDeps } from "./settlement.ts";
import type { DeliverySlot, DeliverySlots } from "./delivery-slots.ts";
import { compact } from "../../push/compact.ts";

export interface DeliverPushDeps extends SettlementDeps {
  readonly attempt: AttemptDelivery;
  /**
   * The worker keeps the lease while it waits for a retry nearer than this. For a later one the push goes back to the
   * queue.
   */
  readonly holdMs: number;
  /** A retry further away than this was written before the clock was set back, so it is due. */
  readonly longestPauseMs: () => number;
  /** If no retry slot is free, the push goes back to the queue as well. */
  readonly slots: Pick<DeliverySlots, "enter">;
  readonly onHopeless?: OnHopeless;
  readonly quarantine: Pick<Quarantine, "turnOf">;
}

export interface Hopelessness {
  /** True if every delivery has failed; false if some wait for an operator to repair their refused app. */
  readonly isOver: boolean;
  /** The last known reason. */
  readonly reason?: string;
}

/** Called when no phone can be reached unless an operator acts. It may be called more than once for a push. */
export type OnHopeless = (push: Push, hopelessness: Hopelessness) => void;

/**
 * Works on a leased push until every delivery has ended or waits for a later retry. Devices do not wait for each other.
 * No attempt starts without `confirm`, or after `stop`; open deliveries then go back to the queue at once. Returns when
 * the push is due again, or undefined if no delivery is open. Never throws.
 */
export type DeliverPush = (hold: WorkHold, stop: AbortSignal) => Promise<number | undefined>;

export type WorkHold = Pick<Hold, "lease" | "confirm" | "letGo">;

export function createDeliverPush(deps: DeliverPushDeps): DeliverPush {
  return async (hold, stop) => {
    const { push } = hold.lease;
    const settlement = new Settlement(deps, hold, stop);
    const open = push.deliveries.filter(({ state }) => !isTerminal(state));
    const note = createHopeWatch(deps, push);
    const work = { push, settlement, stop, confirm: hold.confirm, note, turn: deps.quarantine.turnOf(hold) };
    if ((hold.lease.loneDeaths ?? 0) >= LONE_DEATHS_UNTIL_POISON) {
      for (const delivery of open) settlement.add(poisoned(delivery));
      await settlement.finish(undefined);
      return undefined;
    }
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
  readonly note: (result: DeliveryResult) => void;
  readonly turn: BuildTurn;
}

type Standing = Pick<DeliveryResult, "state" | "isUnserved">;

/** Returns a function that checks after each result whether any phone can still be reached. */
function createHopeWatch({ onHopeless }: DeliverPushDeps, push: Push): Work["note"] {
  const standing = new Map<string, Standing>(push.deliveries.map((delivery) => [delivery.deviceId, delivery]));
  return (result) => {
    standing.set(result.deviceId, result);
    const all = [...standing.values()];
    const isOver = all.every(({ state }) => state === "failed");
    const isHopeless = all.every(({ state, isUnserved }) => state === "failed" || isUnserved === true);
    if (isHopeless) onHopeless?.(push, compact({ isOver, reason: result.reason }));
  };
}

async function runDelivery(deps: DeliverPushDeps, work: Work, delivery: Delivery): Promise<Delivery> {
  const place = deps.slots.enter(work.push, delivery);
  try {
    return await tryUntilEnd(deps, work, delivery, place);
  } finally {
    place.leave();
  }
}

async function tryUntilEnd(
  deps: DeliverPushDeps,
  work: Work,
  delivery: Delivery,
  place: DeliverySlot,
): Promise<Delivery> {
  const { push, settlement, stop, confirm, note, turn } = work;
  let current = wakeIfOverslept(delivery, deps);
  while (!isTerminal(current.state) && !settlement.closed) {
    const now = deps.clock();
    const { notBefore = now } = current;
    if (notBefore - now > deps.holdMs) return current;
    if (notBefore > now) {
      const requeueAt = await place.wait(() => deps.sleep(notBefore - now, stop));
      if (requeueAt !== undefined) return { ...current, notBefore: Math.max(notBefore, requeueAt) };
    }
    if (!stop.aborted) await confirm();
    if (stop.aborted || settlement.closed) return current;
    const result = await deps.attempt(push, current, stop, note, turn);
    // Repeated throttling is recorded only when its reason changes: in a storm it happens thousands of times a second.
    const isNews = isTerminal(result.state) || result.attempts > current.attempts || result.reason !== current.reason;
    if (isNews) settlement.add(result);
    current = { ...current, ...result };
    if (result.isForOthers === true) return current;
  }
  return current;
}

/** The push has killed every gateway that tried it. */
function poisoned({ deviceId, attempts, tries }: Delivery): DeliveryResult {
  const reason: PushReason = "poison";
  return compact({ deviceId, state: "failed", attempts, reason, tries });
}

function wakeIfOverslept(delivery: Delivery, { clock, longestPauseMs }: DeliverPushDeps): Delivery {
  const { notBefore, ...due } = delivery;
  return notBefore === undefined || notBefore <= clock() + longestPauseMs() ? delivery : due;
}

function readHandBack(deliveries: readonly Delivery[], now: number): number | undefined {
  const open = deliveries.filter(({ state }) => !isTerminal(state));
  return open.length === 0 ? undefined : Math.min(...open.map(({ notBefore }) => notBefore ?? now));
}
