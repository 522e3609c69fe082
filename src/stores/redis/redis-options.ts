import type { ConnectionOptions } from "node:tls";
import type { Clock } from "../../gateway/clock.ts";
import type { QueueLimits } from "../../push/queue-room.ts";

export interface RedisAddress {
  readonly host: string;
  readonly port: number;
}

/** Login that may change while a store is open. New connections use it. */
export interface RedisLogin {
  readonly username?: string;
  readonly password?: string;
  readonly tls?: ConnectionOptions;
}

/** The Redis to use, and how to reach it. */
export type RedisConnection =
  /**
   * `redis://` or `rediss://`, with a database number if needed. The login's user and password override those in the
   * URL.
   */
  | ({ readonly kind: "single"; readonly url: string } & RedisLogin)
  | ({
      readonly kind: "sentinel";
      /** Name of the master in the Sentinels' configuration. */
      readonly name: string;
      readonly sentinels: readonly RedisAddress[];
      readonly db?: number;
      readonly sentinelUsername?: string;
      readonly sentinelPassword?: string;
    } & RedisLogin)
  | ({ readonly kind: "cluster"; readonly nodes: readonly RedisAddress[] } & RedisLogin);

/**
 * Meaning of "stored".
 * - `process`: it survives the death of any process (append-only file).
 * - `disk`: it survives a power failure as well (`appendfsync always`).
 * - `replicas`: this many replicas have it, too.
 */
export type RedisDurability = "process" | "disk" | { readonly replicas: number; readonly timeoutMs: number };

export interface RedisStoreOptions {
  readonly connection: RedisConnection;
  /** Prefix of every key. Gateways with the same prefix share their pushes. */
  readonly keyPrefix: string;
  /**
   * Number of parts into which the keys are divided. It must be the same for all gateways, for ever: a changed number
   * is refused.
   */
  readonly shards: number;
  readonly durability: RedisDurability;
  /** Time limit for a command, after which its result counts as unknown. */
  readonly commandTimeoutMs: number;
  /** Limits of pending pushes, beyond which new ones are refused. */
  readonly queue: QueueLimits;
  /** This release, for the key that records the layout. */
  readonly version: string;
  /** True if keys of an earlier release's layout may be upgraded. */
  readonly mayUpgrade: boolean;
  /** Keeps texts and tokens of ended pushes until retention. */
  readonly keepContent: boolean;
  /** How long calls are kept. */
  readonly retentionMs: number;
  /** For tests. By default Redis's own clock, which all gateways share. */
  readonly clock?: Clock;
}

/** Describes a connection for messages, without user and password. */
export function describeConnection(connection: RedisConnection): string {
  const list = (addresses: readonly RedisAddress[]) => addresses.map(({ host, port }) => `${host}:${port}`).join(", ");
  switch (connection.kind) {
    case "single":
      return URL.canParse(connection.url) ? `Redis at ${new URL(connection.url).host}` : "Redis";
    case "sentinel":
      return `the Redis master ${connection.name} (Sentinels ${list(connection.sentinels)})`;
    case "cluster":
      return `the Redis Cluster at ${list(connection.nodes)}`;
  }
}
