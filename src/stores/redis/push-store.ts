import type { PushStore, QueueDepth } from "../../gateway/push-store.ts";
import type { Push } from "../../push/push.ts";
import { askWhoAnswers, findInShards } from "./ask-shards.ts";
import { createAccept, type AcceptDeps } from "./accept.ts";
import { createDropDeadLetter, createListDeadLetters, createMarkReplayed } from "./dead-letters.ts";
import { createLease, createNoteSuspicion, createRenew, type LeaseDeps } from "./lease.ts";
import { createPushId, listShardsOf } from "./push-ids.ts";
import { createWakeOversleepers } from "./oversleepers.ts";
import { readFields, readPush } from "./records.ts";
import { loadShardScript } from "./script.ts";
import { createCancel, createSettle } from "./settle.ts";
import { declareKeys } from "./shards.ts";

const AWAIT = loadShardScript("await-end");
const DEPTH = loadShardScript("depth");
const FORGET = loadShardScript("forget");

/** Small enough not to delay pushes that arrive meanwhile. */
const FORGET_BATCH = 200;

export interface RedisPushStoreDeps extends AcceptDeps, LeaseDeps {
  readonly watchEnds: PushStore["watchEnds"];
  readonly close: () => Promise<void>;
}

export function createRedisPushStore(deps: RedisPushStoreDeps): PushStore {
  const { keys } = deps;
  return {
    newId: (callee) => createPushId(keys.shardNumberOf(callee)),
    accept: createAccept(deps),
    lease: createLease(deps),
    renew: createRenew(deps),
    settle: createSettle(deps),
    noteSuspicion: createNoteSuspicion(deps),
    cancel: createCancel(deps),
    get: (id) => findPush(deps, id),
    awaitEnd: (id) => awaitPush(deps, id),
    watchEnds: deps.watchEnds,
    listDeadLetters: createListDeadLetters(deps),
    dropDeadLetter: createDropDeadLetter(deps),
    markReplayed: createMarkReplayed(deps),
    depth: () => readDepth(deps),
    use: () => deps.queueView.readUse(),
    wakeOversleepers: createWakeOversleepers(deps),
    async forgetEnded(olderThanMs) {
      const counts = await askWhoAnswers(keys.shards.map((shard) => forgetShard(deps, shard, olderThanMs)));
      return counts.reduce((sum, count) => sum + count, 0);
    },
    [Symbol.asyncDispose]: deps.close,
  };
}

function findPush({ session, keys }: LeaseDeps, id: string): Promise<Push | undefined> {
  return findInShards(listShardsOf(keys, id), async (shard) => {
    const fields = await session.ask((client) => client.hgetall(keys.push(shard, id)));
    return fields["state"] === undefined ? undefined : readPush(id, fields);
  });
}

function awaitPush({ session, keys, now }: LeaseDeps, id: string): Promise<Push | undefined> {
  return findInShards(listShardsOf(keys, id), async (shard) => {
    const flat = (await session.run(AWAIT, declareKeys(shard, `push:${id}`), [now(), id])) as string[];
    return flat.length === 0 ? undefined : readPush(id, readFields(flat));
  });
}

async function readDepth({ session, keys, now }: LeaseDeps): Promise<QueueDepth> {
  const answers = await askWhoAnswers(
    keys.shards.map((shard) => session.run(DEPTH, declareKeys(shard, "calls", "others", "waiting"), [now()])),
  );
  const depths = answers as [pending: number, leased: number][];
  const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
  return { pending: sum(depths.map(([pending]) => pending)), leased: sum(depths.map(([, leased]) => leased)) };
}

async function forgetShard({ session, now }: LeaseDeps, shard: string, olderThanMs: number): Promise<number> {
  let forgotten = 0;
  for (;;) {
    const keys = declareKeys(shard, "ended", "dead", "tokens", "bytes");
    const answer = await session.run(FORGET, keys, [now(), olderThanMs, FORGET_BATCH]);
    const [seen, gone] = answer as [number, number];
    forgotten += gone;
    if (seen < FORGET_BATCH) return forgotten;
  }
}
