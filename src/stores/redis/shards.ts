import { crc32 } from "node:zlib";
import type { Aor } from "../../push/address.ts";
import type { ProviderName } from "../../push/device.ts";

/**
 * Names of keys. All keys of one subscriber have the hash tag of his shard, so that one script can reach them on any
 * node of a Cluster. The owners of tokens and device ids are looked up without a subscriber, so they have their own
 * keys.
 */
export interface Keys {
  /** Prefix of every key; ends with a colon. */
  readonly prefix: string;
  /** Prefix of the keys of format 1: with two colons if the setting ends with one. */
  readonly format1Prefix: string;
  /** Prefixes of the shards' keys. */
  readonly shards: readonly string[];
  readonly format: string;
  /** Lock of the gateway that upgrades the keys. */
  readonly upgradeLock: string;
  /** The number of a shard is its index in `shards`. */
  shardNumberOf(owner: string): number;
  shardOf(owner: string): string;
  push(shard: string, id: string): string;
  devices(subscriber: Aor): string;
  preferences(shard: string, owner: string): string;
  token(provider: ProviderName, token: string): string;
  deviceId(id: string): string;
  /** Key of the callees with a call of that id. */
  call(id: string): string;
  /** Channel for changes of calls. */
  readonly callChanges: string;
  /** Channel for the ids of ended pushes that were awaited. The prelude of the scripts builds this name, too. */
  readonly pushEnds: string;
}

export function createKeys(keyPrefix: string, count: number): Keys {
  const prefix = keyPrefix.endsWith(":") ? keyPrefix : `${keyPrefix}:`;
  const shards = Array.from({ length: count }, (_, index) => `${prefix}{q${index}}`);
  const shardNumberOf = (owner: string) => crc32(owner) % count;
  const shardOf = (owner: string) => shards[shardNumberOf(owner)] ?? "";
  return {
    prefix,
    format1Prefix: `${keyPrefix}:`,
    shards,
    format: `${prefix}format`,
    upgradeLock: `${prefix}upgrade-lock`,
    shardNumberOf,
    shardOf,
    push: (shard, id) => `${shard}:push:${id}`,
    devices: (subscriber) => `${shardOf(subscriber)}:devices:${subscriber}`,
    preferences: (shard, owner) => `${shard}:preferences:${owner}`,
    token: (provider, token) => `${prefix}token:${provider}:${token}`,
    deviceId: (id) => `${prefix}device:${id}`,
    call: (id) => `${prefix}call:${id}`,
    callChanges: `${prefix}call-events`,
    pushEnds: `${prefix}push-ends`,
  };
}

/** Keys that a script declares to Redis: the shard's name, and keys of that shard. */
export type ShardKeys = readonly [shard: string, key: string, ...keys: string[]];

/**
 * Returns the keys of a shard that a script uses, as far as the caller knows them. The shard's name itself never exists
 * as a key. While a Cluster moves the slot, Redis therefore finds some declared keys missing on either node and answers
 * TRYAGAIN, so no script runs while some of its keys are on the other node.
 */
export function declareKeys(shard: string, name: string, ...names: readonly string[]): ShardKeys {
  return [shard, `${shard}:${name}`, ...names.map((other) => `${shard}:${other}`)];
}
