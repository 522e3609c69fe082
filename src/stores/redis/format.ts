import { RedisStoreError } from "./redis-error.ts";
import type { RedisSession } from "./session.ts";
import type { Keys } from "./shards.ts";

/** Raised when keys or fields change their meaning. */
const FORMAT = 1;

/**
 * How the keys are laid out, written by the first gateway and read by all others: with another number of shards they would not
 * find the pushes that wait. Answers whether it was there.
 */
export async function requireFormat(session: RedisSession, keys: Keys): Promise<"known" | "new"> {
  const ours = JSON.stringify({ format: FORMAT, shards: keys.shards.length });
  const found = await session.ask((client) => client.set(keys.format, ours, "NX", "GET"));
  if (found === null) return "new";
  if (found === ours) return "known";
  const message =
    `${session.where} holds pushes laid out as ${found} (${keys.format}), this gateway expects ${ours}. ` +
    "Set store.redis.shards to that number, or name another key prefix.";
  throw new RedisStoreError("unusable", message);
}
