import type { ConnectionOptions } from "node:tls";
import type { Clock } from "../../gateway/clock.ts";
import type { QueueLimits } from "../../push/queue-room.ts";

export interface RedisAddress {
  readonly host: string;
  readonly port: number;
}

/** What may change while a store is open; new connections are made with it. */
export interface RedisLogin {
  readonly username?: string;
  readonly password?: string;
  readonly tls?: ConnectionOptions;
}

/** Which Redis it is, and how it is reached. */
export type RedisConnection =
  /** `redis://` or `rediss://`, with a database number where needed; user and password count before those in it. */
  | ({ readonly kind: "single"; readonly url: string } & RedisLogin)
  | ({
      readonly kind: "sentinel";
      /** The master's name in the Sentinels' configuration. */
      readonly name: string;
      readonly sentinels: readonly RedisAddress[];
      readonly db?: number;
      readonly sentinelUsername?: string;
      readonly sentinelPassword?: string;
    } & RedisLogin)
  | ({ readonly kind: "cluster"; readonly nodes: readonly RedisAddress[] } & RedisLogin);

/**
 * What "stored" means. `process`: it survives the death of any process (append-only file). `disk`: a power cut as well
 * (`appendfsync always`). `replicas`: so many replicas have it, too.
 */
export type RedisDurability = "process" | "disk" | { readonly replicas: number; readonly timeoutMs: number };

export interface RedisStoreOptions {
  readonly connection: RedisConnection;
  /** The beginning of every key: gateways that share it share their pushes. */
  readonly keyPrefix: string;
  /** Into how many parts the keys are cut. The same for all gateways, and for ever: a changed number is refused. */
  readonly shards: number;
  readonly durability: RedisDurability;
  /** How long Redis may take for a command before the answer is "not certain". */
  readonly commandTimeoutMs: number;
  /** What may wait for its end before new pushes are refused. */
  readonly queue: QueueLimits;
  /** Of this release: stands in the key that says how the keys are laid out. */
  readonly version: string;
  /** Whether keys that an earlier release laid out may be brought into this one's format. */
  readonly mayUpgrade: boolean;
  /** Ended pushes keep what people wrote, and their tokens, until they are forgotten. */
  readonly keepContent: boolean;
  /** How long calls are kept. */
  readonly retentionMs: number;
  /** For tests. Absent: Redis's own clock, which all gateways share. */
  readonly clock?: Clock;
}

/** For messages to people: without user and password. */
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
