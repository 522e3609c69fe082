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
  /** Why new pushes should not be taken, in words; empty where they should. */
  readonly findProblems: () => Promise<readonly string[]>;
}

export interface OpenStoresDeps {
  readonly clock: Clock;
  /** Of this release. */
  readonly version: string;
  /** Whether a store of an earlier release may be upgraded; one that needs it is refused otherwise. */
  readonly mayUpgrade: boolean;
}

/** Opens what the configuration names. */
export async function openStores(config: StoreConfig, { clock, version, mayUpgrade }: OpenStoresDeps): Promise<Stores> {
  if (config.kind === "sqlite") {
    const stores = openSqliteStores({ ...config, clock, release: version });
    return { ...stores, findProblems: async () => [] };
  }
  const stores = await openRedisStores({ ...config, version, mayUpgrade });
  return {
    ...stores,
    async findProblems() {
      const { ready, problems } = await stores.check();
      return ready ? [] : problems;
    },
  };
}
