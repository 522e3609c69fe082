import { randomUUID } from "node:crypto";
import type { Clock } from "../../gateway/clock.ts";
import type { RedisSession } from "./session.ts";
import type { Keys } from "./shards.ts";

/** Notices that Redis has lost what was in it. */
export interface Marks {
  /** A shard that does not answer is looked at the next time. */
  look(): Promise<void>;
  /** How many shards have lost their data within the last hour, as far as this gateway has seen. */
  readonly lostShards: number;
}

/** Long enough for an operator to see it, whichever gateway is asked. */
const REMEMBERED_MS = 3_600_000;

/**
 * Each shard holds a mark, a random word that the first gateway writes and nobody changes. A mark that is gone, or another one, means that
 * the shard's data went with it: FLUSHALL, a restart without persistence, an older snapshot, an empty replica that became the master.
 * Whichever gateway looks first writes a new mark, and all others see that it is not the one that they know.
 */
export function createMarks({ ask }: RedisSession, keys: Keys, steady: Clock): Marks {
  const known = new Map<string, string>();
  const lostAt = new Map<string, number>();

  const lookAt = async (shard: string): Promise<void> => {
    const fresh = randomUUID();
    const mark = (await ask((client) => client.set(`${shard}:mark`, fresh, "NX", "GET"))) ?? fresh;
    const before = known.get(shard);
    known.set(shard, mark);
    if (before !== undefined && before !== mark) lostAt.set(shard, steady());
  };

  return {
    async look() {
      await Promise.allSettled(keys.shards.map(lookAt));
    },
    get lostShards() {
      const now = steady();
      return [...lostAt.values()].filter((at) => now - at < REMEMBERED_MS).length;
    },
  };
}
