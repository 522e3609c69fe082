import type { TakenWake, TakeWakes, Wake, WakeBook } from "../../gateway/wake-book.ts";
import type { Aor } from "../../push/address.ts";
import { askPrompt, askWhoAnswers } from "./ask-shards.ts";
import type { LeaseDeps } from "./lease.ts";
import { loadShardScript } from "./script.ts";
import { declareKeys } from "./shards.ts";

const PLAN = loadShardScript("plan-wake");
const CANCEL = loadShardScript("cancel-wake");
const LOOK = loadShardScript("look-wakes");
const TAKE = loadShardScript("take-wakes");
const FINISH = loadShardScript("finish-wake");

type TakeAnswer = readonly [againAt: string, readonly (readonly [phone: string, lateMs: string])[]];

interface DueWake {
  readonly shard: string;
  readonly dueAt: number;
}

/** A subscriber's wakes are in his shard, in one sorted set. */
export function createRedisWakeBook(deps: LeaseDeps): WakeBook {
  const { session, keys, now } = deps;
  return {
    async plan(wake) {
      await session.run(PLAN, declareWakes(keys.shardOf(wake.subscriber)), [now(), nameOf(wake), wake.afterMs]);
    },
    async cancel(wake) {
      await session.run(CANCEL, declareWakes(keys.shardOf(wake.subscriber)), [now(), nameOf(wake)]);
    },
    takeDue: createTakeDue(deps),
    async finish(taken) {
      await session.run(FINISH, declareWakes(keys.shardOf(taken.subscriber)), [now(), nameOf(taken), taken.againAt]);
    },
  };
}

/**
 * Most polls find nothing and take one round trip to all shards. If wakes are due, a second one takes from each shard
 * its part of those due longest overall. Concurrent callers may get fewer than the limit, or not exactly those due
 * longest, but never the same wake.
 */
function createTakeDue(deps: LeaseDeps): WakeBook["takeDue"] {
  const { keys } = deps;
  return async ({ limit, againMs }) => {
    const { values: looks } = await askPrompt(keys.shards.map((shard) => look(deps, shard, limit)));
    const chosen = looks
      .flat()
      .toSorted((a, b) => a.dueAt - b.dueAt)
      .slice(0, limit);
    const taken = await askWhoAnswers(
      [...Map.groupBy(chosen, ({ shard }) => shard)].map(([shard, due]) =>
        take(deps, shard, { limit: due.length, againMs }),
      ),
    );
    return taken.flat().toSorted((a, b) => b.lateMs - a.lateMs);
  };
}

async function look({ session, now }: LeaseDeps, shard: string, limit: number): Promise<readonly DueWake[]> {
  const instants = (await session.run(LOOK, declareWakes(shard), [now(), limit])) as string[];
  return instants.map((instant) => ({ shard, dueAt: Number(instant) }));
}

async function take(
  { session, now }: LeaseDeps,
  shard: string,
  { limit, againMs }: TakeWakes,
): Promise<readonly TakenWake[]> {
  const [againAt, taken] = (await session.run(TAKE, declareWakes(shard), [now(), limit, againMs])) as TakeAnswer;
  return taken.map(([name, lateMs]) => ({ ...readName(name), lateMs: Number(lateMs), againAt: Number(againAt) }));
}

function declareWakes(shard: string) {
  return declareKeys(shard, "wakes");
}

/** JSON separates the two, because both may contain any character. */
function nameOf({ subscriber, deviceId }: Wake): string {
  return JSON.stringify([subscriber, deviceId]);
}

function readName(name: string): Wake {
  const [subscriber, deviceId] = JSON.parse(name) as [Aor, string];
  return { subscriber, deviceId };
}
