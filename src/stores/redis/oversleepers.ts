import type { LongestPauses } from "../../gateway/push-store.ts";
import { askWhoAnswers } from "./ask-shards.ts";
import type { LeaseDeps } from "./lease.ts";
import { loadShardScript } from "./script.ts";
import { declareKeys } from "./shards.ts";

const WAKE = loadShardScript("wake-oversleepers");
/** Small enough not to delay pushes that arrive meanwhile. */
const BATCH = 200;

export function createWakeOversleepers(deps: LeaseDeps): (longest: LongestPauses) => Promise<number> {
  return async (longest) => {
    const counts = await askWhoAnswers(deps.keys.shards.map((shard) => wakeInShard(deps, shard, longest)));
    return counts.reduce((sum, count) => sum + count, 0);
  };
}

async function wakeInShard(
  { session, now }: LeaseDeps,
  shard: string,
  { leaseMs, retryMs }: LongestPauses,
): Promise<number> {
  let woken = 0;
  for (let offset = 0; ;) {
    const args = [now(), leaseMs, Math.max(retryMs, leaseMs), offset, BATCH];
    const answer = await session.run(WAKE, declareKeys(shard, "calls", "others", "waiting"), args);
    const [seen, moved] = answer as [number, number];
    woken += moved;
    // Moved pushes are no longer among the later ones. They may be from either queue, so some may be visited twice, but
    // none is omitted.
    offset += Math.max(seen - moved, 0);
    if (seen < BATCH) return woken;
  }
}
