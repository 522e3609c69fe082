import { createAttemptDelivery } from "../../src/gateway/deliver/attempt-delivery.ts";
import { createDeliverPush, type DeliverPush } from "../../src/gateway/deliver/deliver-push.ts";
import { Deliverer, type DelivererLimits } from "../../src/gateway/deliver/deliverer.ts";
import { Quarantine } from "../../src/gateway/deliver/quarantine.ts";
import { Workplace } from "../../src/gateway/deliver/workplace.ts";
import type { Push } from "../../src/push/push.ts";
import {
  createRecordingEvents,
  createScriptedProvider,
  DELIVERED,
  findAmong,
  NO_CUSTODY,
  noLimits,
  NO_PAUSE,
  type Step,
} from "./gateway-doubles.ts";
import { MemoryPushStore } from "./memory-push-store.ts";
import { ACCEPTED_AT, aPush } from "./push-builders.ts";
import { tapPushStore } from "./tapped-push-store.ts";
import { createVirtualTime } from "./virtual-time.ts";

export const WORKER_LIMITS: DelivererLimits = { leaseMs: 8_000, pollMs: 30_000, graceMs: 5_000 };

export interface WorkerOptions {
  readonly steps?: readonly [Step, ...Step[]];
  readonly limits?: Partial<DelivererLimits>;
  readonly deliverPush?: DeliverPush;
  readonly holdMs?: number;
  readonly hands?: number;
  /** Retry slots. */
  readonly seats?: number;
}

/** Creates a real worker; only the store's durability, the providers and the time are fake. */
export function arrangeWorker({
  steps = [DELIVERED],
  limits = {},
  deliverPush,
  holdMs = 2_000,
  hands = 1_000,
  seats = 1_000,
}: WorkerOptions = {}) {
  const time = createVirtualTime(ACCEPTED_AT);
  const { clock, sleep } = time;
  const memory = new MemoryPushStore({ clock });
  const store = tapPushStore(memory);
  const events = createRecordingEvents();
  const provider = createScriptedProvider(...steps);
  const retry = { baseMs: 1_000, capMs: 8_000, maxAttempts: 5, busyMs: NO_PAUSE };
  const attempt = createAttemptDelivery({
    budgetOf: noLimits,
    custody: NO_CUSTODY,
    findProvider: findAmong({ apns: provider }),
    events,
    clock,
    random: () => 0,
    retry: { call: retry, message: retry },
  });
  const workplace = new Workplace({ hands, seats, findProvider: findAmong({ apns: provider }), clock });
  const real = createDeliverPush({
    longestPauseMs: () => 3_600_000,
    attempt,
    store,
    events,
    clock,
    sleep,
    holdMs,
    workplace,
    quarantine: new Quarantine({ store, events }),
  });
  const all = { ...WORKER_LIMITS, ...limits };
  const work = deliverPush ?? real;
  const deliverer = new Deliverer({
    store,
    deliverPush: work,
    events,
    clock,
    steady: clock,
    sleep,
    workplace,
    limits: all,
  });
  const accept = (push: Partial<Push> = {}) =>
    deliverer.deliver(memory.enqueueLeased(aPush(push), all.leaseMs), clock());
  const stateOf = async (id: string) => (await memory.get(id))?.state;
  const sent = () => provider.sent.map(({ push }) => push.id);
  const dispose = async () => {
    const stopped = deliverer[Symbol.asyncDispose]();
    await time.advance(all.graceMs);
    await stopped;
  };
  return { [Symbol.asyncDispose]: dispose, time, memory, store, events, provider, deliverer, accept, stateOf, sent };
}

/** A deadline that no test reaches. */
export const LATE = ACCEPTED_AT + 3_600_000;
