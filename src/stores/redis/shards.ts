import { crc32 } from "node:zlib";
import type { Aor } from "../../push/address.ts";
import type { ProviderName } from "../../push/device.ts";

/**
 * Names of keys. All that belongs to one subscriber carries the hash tag of his shard, so that one script can reach it
 * on any node of a Cluster. Who owns a token or a device id is asked for by that alone: those have keys of their own.
 */
export interface Keys {
  /** What every key begins with; ends with a colon. */
  readonly prefix: string;
  /** What the keys of format 1 begin with: two colons where the setting ends with one. */
  readonly format1Prefix: string;
  /** The beginning of every key of a shard, one for each. */
  readonly shards: readonly string[];
  readonly format: string;
  /** Held by the gateway that upgrades the keys. */
  readonly upgradeLock: string;
  /** The number of a shard is its position in `shards`. */
  shardNumberOf(owner: string): number;
  shardOf(owner: string): string;
  push(shard: string, id: string): string;
  devices(subscriber: Aor): string;
  preferences(shard: string, owner: string): string;
  token(provider: ProviderName, token: string): string;
  deviceId(id: string): string;
  /** Whose calls have that id. */
  call(id: string): string;
  /** The channel on which changes of calls are told. */
  readonly callChanges: string;
  /** The channel on which ids of ended pushes are told that somebody waits for. The prelude of the scripts builds it, too. */
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

/** What a script declares to Redis: the shard's name, and keys of that shard. */
export type ShardKeys = readonly [shard: string, key: string, ...keys: string[]];

/**
 * The keys of a shard that a script touches, as far as the caller knows them. The shard's name itself never exists as a key. While a
 * Cluster moves the slot, Redis therefore finds some of the declared keys missing on either node and answers TRYAGAIN: a script never
 * runs where some of its keys look absent because they are on the other node.
 */
export function declareKeys(shard: string, name: string, ...names: readonly string[]): ShardKeys {
  return [shard, `${shard}:${name}`, ...names.map((other) => `${shard}:${other}`)];
}
