import type { CancelSelector, DeliveryResult, Lease, SettleResult } from "../../gateway/push-store.ts";
import type { PushState } from "../../push/push.ts";
import type { AcceptDeps } from "./accept.ts";
import { findInShards } from "./ask-shards.ts";
import type { LeaseDeps } from "./lease.ts";
import { declareKeys } from "./shards.ts";
import { END_ORDER } from "./policy.ts";
import { listShardsOf } from "./push-ids.ts";
import { writeResult } from "./records.ts";
import { loadShardScript } from "./script.ts";

const SETTLE = loadShardScript("settle");
const CANCEL = loadShardScript("cancel");

type SettleDeps = Pick<AcceptDeps, "runDurably" | "isReplicated"> & Pick<LeaseDeps, "keys" | "now">;

export type Settle = (lease: Lease, results: readonly DeliveryResult[], handBackAt?: number) => Promise<SettleResult>;

/** Returns the keys of a script that may end a push. */
function declareEnd(shard: string, id: string) {
  return declareKeys(
    shard,
    `push:${id}`,
    "calls",
    "others",
    "waiting",
    "ended",
    "dead",
    "loads",
    "callee-loads",
    "counted",
    "repeated",
    "tokens",
  );
}

/** As durable as the acceptance: an end known only to a lost master would cause the push to be sent again. */
export function createSettle({ runDurably, isReplicated, keys, now }: SettleDeps): Settle {
  return async ({ push, token }, results, handBackAt) => {
    // The order of a push's deliveries never changes, so the script does not need their device ids.
    const stands = push.deliveries.flatMap(({ deviceId }, position) => {
      const result = results.find((candidate) => candidate.deviceId === deviceId);
      return result === undefined ? [] : writeResult(position, result);
    });
    const order = END_ORDER.join(" ");
    const args = [now(), push.id, token, handBackAt ?? "", order, isReplicated ? 1 : 0, ...stands];
    const answer = await runDurably(SETTLE, declareEnd(keys.shardOf(push.request.callee), push.id), args);
    const [kind, state] = answer as ["settled", PushState] | ["lost"] | ["gone"];
    return kind === "settled" ? { kind, state } : { kind };
  };
}

/** As durable as the acceptance: a withdrawn call must not ring after all. */
export function createCancel({ runDurably, isReplicated, keys, now }: SettleDeps) {
  return ({ id }: CancelSelector): Promise<PushState | undefined> =>
    findInShards(listShardsOf(keys, id), async (shard) => {
      const state = await runDurably(CANCEL, declareEnd(shard, id), [now(), id, isReplicated ? 1 : 0]);
      return (state as PushState | null) ?? undefined;
    });
}
