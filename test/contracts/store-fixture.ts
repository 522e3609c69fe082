import type { Inventory } from "../../src/gateway/inventory.ts";
import type { CallBook } from "../../src/gateway/call-book.ts";
import type { DeviceStore } from "../../src/gateway/device-store.ts";
import type { PreferenceStore } from "../../src/gateway/preference-store.ts";
import type { Acceptance, AcceptResult, DeliveryResult, Lease, PushStore } from "../../src/gateway/push-store.ts";
import type { WakeBook } from "../../src/gateway/wake-book.ts";
import { buildDedupKey } from "../../src/push/dedup-key.ts";
import type { PushRequest } from "../../src/push/push.ts";
import type { QueueLimits } from "../../src/push/queue-room.ts";
import { chooseDirectTargets } from "../../src/push/targets.ts";
import { anIphone } from "../fixtures/builders.ts";
import type { ManualClock } from "../fixtures/clocks.ts";

/** Empty stores of one kind, with a manual clock. */
export interface StoreFixture extends AsyncDisposable {
  readonly clock: ManualClock;
  readonly pushes: PushStore;
  /** The same pushes as another worker sees them; `pushes` itself if the data cannot be shared. */
  readonly otherWorker: PushStore;
  readonly devices: DeviceStore;
  readonly preferences: PreferenceStore;
  readonly calls: CallBook;
  readonly inventory: Inventory;
  readonly otherCalls: CallBook;
  readonly wakes: WakeBook;
  readonly otherWakes: WakeBook;
}

/** The part that tests of devices need. */
export type DeviceFixture = AsyncDisposable & Pick<StoreFixture, "clock" | "devices">;

export interface StoreFixtureOptions {
  readonly keepContent?: boolean;
  /** Limits that the test checks. The others are out of reach. */
  readonly limits?: Partial<QueueLimits>;
}

export type OpenStores = (options?: StoreFixtureOptions) => Promise<StoreFixture>;

export const WIDE_LIMITS: QueueLimits = {
  pushes: 1_000_000,
  bytes: 1e9,
  messagesPercent: 100,
  domainPercent: 100,
  calleePushes: 1_000_000,
};
export const LEASE_MS = 30_000;
export const EXPLICIT_WINDOW_MS = 600_000;
export const IMPLICIT_WINDOW_MS = 5_000;
export const TTL = { call: 30_000, message: 86_400_000, invite: 30_000, groupchat: 86_400_000 } as const;
export const NO_RULES = { uniqueDeviceIds: false, oneDevicePerSubscriber: false } as const;
/** A worker with room for all due pushes. */
export const EVERYTHING = { limit: 100, leaseMs: LEASE_MS } as const;

/** Opens stores in which alice has an iPhone. */
export async function openWithIphone(open: OpenStores, options?: StoreFixtureOptions): Promise<StoreFixture> {
  const stores = await open(options);
  await stores.devices.register(anIphone(), NO_RULES);
  return stores;
}

export function delivered(deviceId = "iphone"): DeliveryResult {
  return { deviceId, state: "delivered", attempts: 1, providerMessageId: `apns-${deviceId}` };
}

export function failed(deviceId = "iphone", reason = "BadDeviceToken"): DeliveryResult {
  return { deviceId, state: "failed", attempts: 1, reason };
}

export function anAcceptance(request: PushRequest, id: string = crypto.randomUUID()): Acceptance {
  const dedup = buildDedupKey(request, { explicitMs: EXPLICIT_WINDOW_MS, implicitMs: IMPLICIT_WINDOW_MS });
  const targets = chooseDirectTargets(request);
  const leaseToken = crypto.randomUUID();
  return { id, request, dedup, ttl: TTL, leaseMs: LEASE_MS, leaseToken, ...(targets === undefined ? {} : { targets }) };
}

/** Accepts a request that must be new. */
export async function acceptNew(store: PushStore, request: PushRequest): Promise<Lease> {
  return leaseOf(await store.accept(anAcceptance(request, store.newId(request.callee))));
}

export function leaseOf(result: AcceptResult): Lease {
  if (result.kind !== "accepted") throw new Error(`The push was not accepted: ${JSON.stringify(result)}`);
  return result.lease;
}
