import { explain } from "./redis-error.ts";
import type { RedisSession } from "./session.ts";
import type { Keys } from "./shards.ts";

/**
 * Describes the shards that do not answer while others do, as after the loss of a Cluster node. Returns undefined if
 * all answer; rejects if none does.
 */
export async function describeAbsentShards({ ask, where }: RedisSession, keys: Keys): Promise<string | undefined> {
  const answers = await Promise.allSettled(
    keys.shards.map((shard) => ask((client) => client.exists(`${shard}:calls`))),
  );
  const absent = answers.flatMap((answer, number) =>
    answer.status === "rejected" ? [{ number, reason: answer.reason as unknown }] : [],
  );
  const [first] = absent;
  if (first === undefined) return undefined;
  if (absent.length === answers.length) throw first.reason;
  const numbers = absent.map(({ number }) => number).join(", ");
  const shards = absent.length === 1 ? `Shard ${numbers} does` : `Shards ${numbers} do`;
  const { message } = explain(where, first.reason);
  return `${shards} not answer (${keys.shards.length} in all): pushes to their subscribers are refused with 503, all others are taken. ${message}`;
}
