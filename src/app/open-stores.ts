import type { StoreConfig } from "../config/config.ts";
import type { Clock } from "../gateway/clock.ts";
import type { Inventory } from "../gateway/inventory.ts";
import type { CallBook } from "../gateway/call-book.ts";
import type { DeviceStore } from "../gateway/device-store.ts";
import type { PreferenceStore } from "../gateway/preference-store.ts";
import type { PushStore } from "../gateway/push-store.ts";
import type { WakeBook } from "../gateway/wake-book.ts";
import { openRedisStores } from "../stores/redis/redis-stores.ts";
import { openSqliteStores } from "../stores/sqlite/sqlite-stores.ts";

export interface Stores extends AsyncDisposable {
  readonly pushes: PushStore;
  readonly devices: DeviceStore;
  readonly preferences: PreferenceStore;
  readonly calls: CallBook;
  readonly wakes: WakeBook;
  readonly inventory: Inventory;
  /** Describes the store and its setup for an operator. */
  readonly describe: () => Promise<readonly string[]>;
  /**
   * Switches to the user, password and certificate of this configuration, if the store has any. Rejects if the store
   * refuses them.
   */
  readonly renewLogin: (config: StoreConfig) => Promise<void>;
  /** Clock for deadlines, leases and pauses. */
  readonly clock: Clock;
  /** Checks the store. Call it every few seconds; see `watchStore`. */
  readonly inspect: () => Promise<StoreHealth>;
}

export interface OpenStoresDeps {
  readonly clock: Clock;
  /** This release. */
  readonly version: string;
  /** True if a store of an earlier release may be upgraded; otherwise it is refused. */
  readonly mayUpgrade: boolean;
}

/** All texts are sentences for an operator: what is wrong, and what to do. */
export interface StoreHealth {
  /** Why new pushes should be refused; empty if they should not. */
  readonly problems: readonly string[];
  /** Problems that do not prevent the acceptance of pushes. */
  readonly degraded: readonly string[];
  /** The problems of both kinds that concern durability. */
  readonly durability: readonly string[];
  /** Data that the store has lost recently; undefined if none. */
  readonly lost?: string;
  /**
   * How far this machine's clock is ahead of the store's, in milliseconds; undefined if the store has no clock of its
   * own or does not answer.
   */
  readonly skewMs?: number;
}

/** Opens the configured stores. */
export async function openStores(config: StoreConfig, { clock, version, mayUpgrade }: OpenStoresDeps): Promise<Stores> {
  if (config.kind === "sqlite") {
    const stores = openSqliteStores({ ...config, clock, release: version });
    return { ...stores, clock, renewLogin: async () => undefined };
  }
  const stores = await openRedisStores({ ...config, version, mayUpgrade });
  return {
    ...stores,
    inspect: () => stores.check(),
    renewLogin: async (renewed) => (renewed.kind === "redis" ? stores.renewLogin(renewed.connection) : undefined),
  };
}
