import type { RedisAddress } from "../redis-options.ts";

/** One Sentinel's view of a master. */
export interface SentinelView {
  readonly address: RedisAddress;
  /** Rises with every failover. A Sentinel that has not noticed the last one reports a lower number. */
  readonly configEpoch: number;
  /**
   * Step of a failover that this Sentinel takes part in:
   * https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/
   */
  readonly failoverState?: string;
}

export type ChosenMaster =
  | { readonly kind: "master"; readonly address: RedisAddress }
  /** The old master is being given up, and the new one has not confirmed its role yet. */
  | { readonly kind: "changing" }
  | { readonly kind: "unknown" };

/** The leader has begun, so the old master's claim counts no longer. */
const GIVING_UP = new Set(["select_slave", "send_slaveof_noone", "wait_promotion"]);

/**
 * Chooses the master with the highest epoch, whoever reports it. A restarted old master believes itself a master, and
 * so does a Sentinel that has not noticed the failover. Work done there would be repeated from the new master.
 */
export function chooseMaster(views: readonly SentinelView[]): ChosenMaster {
  const newest = Math.max(...views.map(({ configEpoch }) => configEpoch));
  const words = views.filter(({ configEpoch }) => configEpoch === newest);
  const [first] = words;
  if (first === undefined) return { kind: "unknown" };
  if (words.some(({ failoverState = "" }) => GIVING_UP.has(failoverState))) return { kind: "changing" };
  return { kind: "master", address: first.address };
}
