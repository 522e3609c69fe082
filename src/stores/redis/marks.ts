import { randomUUID } from "node:crypto";
import type { Clock } from "../../gateway/clock.ts";
import type { RedisSession } from "./session.ts";
import type { Keys } from "./shards.ts";

/** Detects that Redis has lost data. */
export interface Marks {
  /** Checks all shards. One that does not answer is checked the next time. */
  look(): Promise<void>;
  /** Number of shards that lost their data in the last hour, as far as this gateway has seen. */
  readonly lostShards: number;
}

/** Long enough for an operator to see it on any gateway. */
const REMEMBERED_MS = 3_600_000;

/**
 * Each shard holds a mark: a random text that the first gateway writes and that nobody changes. A missing or different
 * mark means that the shard's data was lost with it: by FLUSHALL, a restart without persistence, an older snapshot, or
 * an empty replica that became the master. The first gateway to notice writes a new mark, and all others see that it is
 * not the one they know.
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
