import { crc32 } from "node:zlib";
import type { Aor } from "../../push/address.ts";
import type { ProviderName } from "../../push/device.ts";

/**
 * Names of keys. All that belongs to one subscriber carries the hash tag of his shard, so that one script can reach it
 * on any node of a Cluster. Who owns a token or a device id is asked for by that alone: those have keys of their own.
 */
export interface Keys {
  /** The beginning of every key of a shard, one for each. */
  readonly shards: readonly string[];
  readonly format: string;
  shardOf(owner: string): string;
  devices(subscriber: Aor): string;
  preferences(shard: string, owner: string): string;
  token(provider: ProviderName, token: string): string;
  deviceId(id: string): string;
  /** Whose calls have that id. */
  call(id: string): string;
  /** The channel on which changes of calls are told. */
  readonly callChanges: string;
}

export function createKeys(prefix: string, count: number): Keys {
  const shards = Array.from({ length: count }, (_, index) => `${prefix}:{q${index}}`);
  const shardOf = (owner: string) => shards[crc32(owner) % count] ?? "";
  return {
    shards,
    format: `${prefix}:format`,
    shardOf,
    devices: (subscriber) => `${shardOf(subscriber)}:devices:${subscriber}`,
    preferences: (shard, owner) => `${shard}:preferences:${owner}`,
    token: (provider, token) => `${prefix}:token:${provider}:${token}`,
    deviceId: (id) => `${prefix}:device:${id}`,
    call: (id) => `${prefix}:call:${id}`,
    callChanges: `${prefix}:call-changes`,
  };
}
