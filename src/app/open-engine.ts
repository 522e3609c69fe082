import type { Config } from "../config/config.ts";
import { UnknownAcceptances } from "../gateway/accept/unknown-acceptances.ts";
import { createDeliverPush } from "../gateway/deliver/deliver-push.ts";
import { Deliverer } from "../gateway/deliver/deliverer.ts";
import { DeliverySlots, type DeliverySlotsDeps } from "../gateway/deliver/delivery-slots.ts";
import { Quarantine } from "../gateway/deliver/quarantine.ts";
import { maintainStore } from "../gateway/maintain-store.ts";
import { sleep } from "../gateway/sleep.ts";
import { createSteadyClock } from "../gateway/steady-clock.ts";
import { BindingWakes } from "../gateway/subscribers/binding-wakes.ts";
import { openConfigured } from "./configured.ts";
import { following } from "./following.ts";
import { openCalls } from "./open-calls.ts";
import type { Stores } from "./open-stores.ts";
import type { Telemetry } from "./open-telemetry.ts";
import { createPushEnds } from "./push-service.ts";

export interface EngineDeps {
  readonly config: Config;
  readonly stores: Stores;
  readonly telemetry: Telemetry;
  /** Numbers of in-flight and retry slots. */
  readonly slots?: Pick<DeliverySlotsDeps, "inFlight" | "retries"> | undefined;
}

/** Short, so that a dead gateway's pushes are taken over soon. Leases are renewed while a push is worked on. */
const LEASE_MS = 4_000;
const LIMITS = { leaseMs: LEASE_MS, pollMs: 1_000, graceMs: 4_000 };
/** The worker keeps the lease while it waits for a retry nearer than this. */
const HOLD_MS = 5_000;
/** A single busy app gets three eighths for its calls, and as many for its other pushes. */
const SLOTS = { inFlight: 4_000, retries: 4_000 };

/** Parts that exist only in the second phase. */
interface LateParts {
  readonly deliverer: Deliverer;
  readonly unknown: UnknownAcceptances;
  readonly room: ReturnType<typeof openCalls>;
}

/**
 * The one cycle of the gateway: an accepted push is delivered, a delivery may end a call, and the end of a call is told
 * to its phones by further pushes. The parts of the first phase get these functions; the second phase connects them.
 */
function createLateParts() {
  let parts: LateParts | undefined;
  const late = (): LateParts => {
    if (parts === undefined) throw new Error("The engine is not connected yet.");
    return parts;
  };
  return {
    deliver: (...args: Parameters<Deliverer["deliver"]>) => late().deliverer.deliver(...args),
    noteUnknown: (...args: Parameters<UnknownAcceptances["note"]>) => late().unknown.note(...args),
    giveUpCall: (...args: Parameters<LateParts["room"]["giveUpCall"]>) => late().room.giveUpCall(...args),
    connect: (connected: LateParts): void => {
      parts = connected;
    },
  };
}

/** Opens everything that accepts and delivers pushes, without listeners. `started` closes its parts. */
export function openEngine(
  { config, stores, telemetry, slots: sizes = SLOTS }: EngineDeps,
  started: AsyncDisposableStack,
) {
  const { metrics, events, alarms } = telemetry;
  const { pushes: store, devices, clock } = stores;
  const steady = createSteadyClock();

  // First phase: what depends on the configuration, which a reload replaces.
  const { connect, giveUpCall, ...late } = createLateParts();
  const configured = { ...late, store, devices, events, alarms, clock, steady, sleep, leaseMs: LEASE_MS };
  const settings = started.use(openConfigured(config, configured));
  const current = () => settings.current;
  const { attempt, tellPhones, acceptPush } = following(current, "attempt", "tellPhones", "acceptPush");
  const longestPauseMs = () => current().longestPauseMs;

  // Second phase: what works on pushes and calls.
  const longestPauses = () => ({ leaseMs: LEASE_MS, retryMs: longestPauseMs() });
  const { retentionMs } = config.store;
  started.use(maintainStore({ store, calls: stores.calls, events, sleep, retentionMs, longestPauses }));
  const ends = started.use(createPushEnds(store));
  const slots = new DeliverySlots({ ...sizes, findProvider: settings.findProvider, clock });
  const work = { store, events, clock, steady, sleep, slots, onEnded: (id: string) => ends.wake(id) };
  const quarantine = new Quarantine({ store, events });
  const deliverPush = createDeliverPush({
    ...work,
    attempt,
    onHopeless: giveUpCall,
    holdMs: HOLD_MS,
    longestPauseMs,
    quarantine,
  });
  const deliverer = started.use(new Deliverer({ ...work, deliverPush, limits: LIMITS }));
  const unknown = started.use(new UnknownAcceptances({ ...work, deliver: late.deliver, leaseMs: LEASE_MS }));
  const abandon = (pushId: string): void => deliverer.abandon(pushId);
  const room = started.use(openCalls({ stores, abandon, tellPhones, events, clock, sleep }));
  const leadMs = () => current().wakeLeadMs;
  const wakes = started.use(new BindingWakes({ book: stores.wakes, acceptPush, events, sleep, leadMs }));
  connect({ deliverer, unknown, room });

  metrics.watchQueue(() => store.depth());
  metrics.watchQueueUse(() => store.use());
  metrics.watchWaits(() => room.waits.size);
  metrics.watchPushWaits(() => ends.size);
  deliverer.start();
  return { settings, deliverer, room, wakes, ends };
}

export type Engine = ReturnType<typeof openEngine>;
