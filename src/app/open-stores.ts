import type { StoreConfig } from "../config/config.ts";
import type { Clock } from "../gateway/clock.ts";
import type { Census } from "../gateway/census.ts";
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
  readonly census: Census;
  /** What the store is and how it is set up, in words. */
  readonly describe: () => Promise<readonly string[]>;
  /** Goes on with the user, password and certificate of this configuration, if the store has such; rejects if the store refuses them. */
  readonly renewLogin: (config: StoreConfig) => Promise<void>;
  /** By it deadlines, leases and pauses are measured. */
  readonly clock: Clock;
  /** Looks whether the store is as it should be; to be called every few seconds, see `watchStore`. */
  readonly inspect: () => Promise<StoreHealth>;
}

export interface OpenStoresDeps {
  readonly clock: Clock;
  /** Of this release. */
  readonly version: string;
  /** Whether a store of an earlier release may be upgraded; one that needs it is refused otherwise. */
  readonly mayUpgrade: boolean;
}

/** All texts are sentences for an operator: what is wrong, and what to do. */
export interface StoreHealth {
  /** Why new pushes should not be taken; empty if they should. */
  readonly problems: readonly string[];
  /** What is not as it should be although pushes are taken. */
  readonly degraded: readonly string[];
  /** Of both the ones about what an accepted push survives. */
  readonly durability: readonly string[];
  /** What the store has lost; absent if nothing was lost lately. */
  readonly lost?: string;
  /** How far this machine's clock is ahead of the store's, in milliseconds; absent if the store has none of its own, or does not say. */
  readonly skewMs?: number;
}

/** Opens what the configuration names. */
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
