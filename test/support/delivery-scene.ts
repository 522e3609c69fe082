import { createAttemptDelivery } from "../../src/gateway/deliver/attempt-delivery.ts";
import { createDeliverPush, type WorkHold } from "../../src/gateway/deliver/deliver-push.ts";
import { Quarantine } from "../../src/gateway/deliver/quarantine.ts";
import type { Lease, PushStore } from "../../src/gateway/push-store.ts";
import { Workplace } from "../../src/gateway/deliver/workplace.ts";
import type { Device } from "../../src/push/device.ts";
import { anAndroid, anIphone } from "./builders.ts";
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
import { ACCEPTED_AT, aPush, LEASE_MS } from "./push-builders.ts";
import { tapPushStore } from "./tapped-push-store.ts";
import { createVirtualTime } from "./virtual-time.ts";

export const HOLD_MS = 5_000;

/** Wraps a lease that cannot have expired. */
export const surelyHeld = (lease: Lease): WorkHold => ({
  lease,
  confirm: async () => undefined,
  letGo: () => undefined,
});

type Steps = readonly [Step, ...Step[]];

export interface DeliveryOptions {
  readonly devices?: readonly Device[];
  readonly apns?: Steps;
  readonly fcm?: Steps;
  /** Retry slots. */
  readonly seats?: number;
  /** Another gateway on the store has the app for these phones, and this one does not. */
  readonly appElsewhere?: "apns" | "fcm";
}

/** Creates a leased push with real collaborators; only the store's durability, the providers and the time are fake. */
export function arrangeDelivery({
  devices = [anIphone()],
  apns = [DELIVERED],
  fcm = [DELIVERED],
  seats = 100,
  appElsewhere,
}: DeliveryOptions = {}) {
  const time = createVirtualTime(ACCEPTED_AT);
  const memory = new MemoryPushStore({ clock: time.clock });
  const store = tapPushStore(memory);
  const events = createRecordingEvents();
  const providers = { apns: createScriptedProvider(...apns), fcm: createScriptedProvider(...fcm) };
  const findApp = findAmong(providers);
  const attempt = createAttemptDelivery({
    budgetOf: noLimits,
    custody: NO_CUSTODY,
    findProvider: (domain, provider) => (provider === appElsewhere ? undefined : findApp(domain, provider)),
    isStoreShared: appElsewhere !== undefined,
    events,
    clock: time.clock,
    random: () => 0,
    retry: {
      call: { baseMs: 1_000, capMs: 8_000, maxAttempts: 5, busyMs: NO_PAUSE },
      message: { baseMs: 1_000, capMs: 8_000, maxAttempts: 5, busyMs: NO_PAUSE },
    },
  });
  const { clock, sleep } = time;
  const workplace = new Workplace({ hands: 100, seats, findProvider: findAmong(providers), clock });
  const deliver = createDeliverPush({
    longestPauseMs: () => 3_600_000,
    attempt,
    store,
    events,
    clock,
    sleep,
    holdMs: HOLD_MS,
    workplace,
    quarantine: new Quarantine({ store, events }),
  });
  const push = aPush({}, devices);
  const lease = memory.enqueueLeased(push, LEASE_MS);
  const stop = new AbortController();
  const stateOf = async (deviceId: string) =>
    (await memory.get(push.id))?.deliveries.find((delivery) => delivery.deviceId === deviceId)?.state;
  const run = () => deliver(surelyHeld(lease), stop.signal);
  return { time, memory, store, events, ...providers, push, lease, stop, run, stateOf };
}

export const BOTH_PHONES = [anIphone(), anAndroid()];

/** Takes the due push as another worker. */
export async function takeOne(store: Pick<PushStore, "lease">): Promise<Lease> {
  const [lease] = (await store.lease({ limit: 1, leaseMs: LEASE_MS })).leases;
  if (lease === undefined) throw new Error("nothing is due");
  return lease;
}
