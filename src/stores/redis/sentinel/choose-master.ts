import type { RedisAddress } from "../redis-options.ts";

/** What one Sentinel says of a master. */
export interface SentinelView {
  readonly address: RedisAddress;
  /** Rises with every failover; a Sentinel that has not heard of the last one yet tells an older one. */
  readonly configEpoch: number;
  /** The step of a failover that this Sentinel is part of: https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/ */
  readonly failoverState?: string;
}

export type ChosenMaster =
  | { readonly kind: "master"; readonly address: RedisAddress }
  /** The old one is being given up, and the new one has not said yet that it is one. */
  | { readonly kind: "changing" }
  | { readonly kind: "unknown" };

/** The leader has begun, and the old master's word is worth nothing any more. */
const GIVING_UP = new Set(["select_slave", "send_slaveof_noone", "wait_promotion"]);

/**
 * The newest word counts, whoever says it: an old master that has started again believes itself one, and so does a Sentinel that has not
 * heard of the failover yet. What is sent from there is done again from the new master.
 */
export function chooseMaster(views: readonly SentinelView[]): ChosenMaster {
  const newest = Math.max(...views.map(({ configEpoch }) => configEpoch));
  const words = views.filter(({ configEpoch }) => configEpoch === newest);
  const [first] = words;
  if (first === undefined) return { kind: "unknown" };
  if (words.some(({ failoverState = "" }) => GIVING_UP.has(failoverState))) return { kind: "changing" };
  return { kind: "master", address: first.address };
}
