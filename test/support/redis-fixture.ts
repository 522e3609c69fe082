import { randomUUID } from "node:crypto";
import type { RedisConnection, RedisStoreOptions } from "../../src/stores/redis/redis-options.ts";
import { openRedisStores, type RedisStores } from "../../src/stores/redis/redis-stores.ts";
import { WIDE_LIMITS, type OpenStores } from "../contracts/store-fixture.ts";
import { createManualClock } from "./manual-clock.ts";

const SHARDS = 4;

export function redisOptions(
  connection: RedisConnection,
  overrides: Partial<RedisStoreOptions> = {},
): RedisStoreOptions {
  return {
    connection,
    keyPrefix: `test-${randomUUID()}`,
    shards: SHARDS,
    durability: "process",
    commandTimeoutMs: 2_000,
    keepContent: false,
    retentionMs: 3_600_000,
    queue: WIDE_LIMITS,
    version: "test",
    mayUpgrade: true,
    ...overrides,
  };
}

export function openSingle(url: string, overrides: Partial<RedisStoreOptions> = {}): Promise<RedisStores> {
  return openRedisStores(redisOptions({ kind: "single", url }, overrides));
}

/**
 * Opens empty stores on a Redis shared by many tests, each with its own key prefix. There are two workers, as in two
 * processes.
 */
export function openOn(connection: () => RedisConnection, overrides: Partial<RedisStoreOptions> = {}): OpenStores {
  return async ({ limits = {}, keepContent = false } = {}) => {
    const clock = createManualClock();
    const queue = { ...WIDE_LIMITS, ...limits };
    const options = redisOptions(connection(), { clock, queue, keepContent, ...overrides });
    const [stores, others] = await Promise.all([openRedisStores(options), openRedisStores(options)]);
    return {
      ...stores,
      clock,
      otherWorker: others.pushes,
      otherCalls: others.calls,
      otherWakes: others.wakes,
      async [Symbol.asyncDispose]() {
        await others[Symbol.asyncDispose]();
        await stores[Symbol.asyncDispose]();
      },
    };
  };
}
