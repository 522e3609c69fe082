import { randomUUID } from "node:crypto";
import type { Lease, LeaseBatch, LeaseRequest, Renewal, Suspicion } from "../../gateway/push-store.ts";
import { askPrompt, askWhoAnswers } from "./ask-shards.ts";
import { readFields, readPush } from "./records.ts";
import { loadShardScript } from "./script.ts";
import type { Argument, RedisSession } from "./session.ts";
import { declareKeys, type Keys } from "./shards.ts";
import { compact } from "../../push/compact.ts";

export interface LeaseDeps {
  readonly session: RedisSession;
  readonly keys: Keys;
  readonly now: () => Argument;
}

const LOOK = loadShardScript("look");
const TAKE = loadShardScript("take");
const RENEW = loadShardScript("renew");
const NOTE_SUSPICION = loadShardScript("note-suspicion");

type LookAnswer = readonly [calls: readonly string[], others: readonly string[], next: string];
type TakeAnswer = readonly [
  endsAt: string,
  next: string,
  readonly (readonly [id: string, token: string, fields: string[]])[],
];

interface ShardLook {
  readonly shard: string;
  readonly calls: readonly number[];
  readonly others: readonly number[];
  readonly next: number | undefined;
}

interface ShardBatch {
  readonly leases: readonly Lease[];
  readonly next: number | undefined;
}

/**
 * Most polls find nothing and take one round trip to all shards. If pushes are due, a second one takes from each shard
 * its part of those that are most urgent overall.
 */
export function createLease(deps: LeaseDeps): (request: LeaseRequest) => Promise<LeaseBatch> {
  const { keys } = deps;

  return async (request) => {
    const { values: looks } = await askPrompt(keys.shards.map((shard) => look(deps, shard, request.limit)));
    const quotas = shareOut(looks, request.limit);
    const batches = await askWhoAnswers(
      looks.map(async (seen): Promise<ShardBatch> => {
        const quota = quotas.get(seen.shard);
        return quota === undefined ? { leases: [], next: seen.next } : take(deps, seen.shard, quota, request.leaseMs);
      }),
    );
    const leases = batches.flatMap((batch) => batch.leases);
    const instants = batches.flatMap(({ next }) => next ?? []);
    return instants.length === 0 ? { leases } : { leases, nextDueAt: Math.min(...instants) };
  };
}

async function look({ session, now }: LeaseDeps, shard: string, limit: number): Promise<ShardLook> {
  const [calls, others, next] = (await session.run(LOOK, declareKeys(shard, "calls", "others"), [
    now(),
    limit,
  ])) as LookAnswer;
  return { shard, calls: calls.map(Number), others: others.map(Number), next: readInstant(next) };
}

/** Returns how many pushes to take from each shard: calls first, then those due longest. */
function shareOut(looks: readonly ShardLook[], limit: number): ReadonlyMap<string, number> {
  const sorted = (pick: (look: ShardLook) => readonly number[]) =>
    looks
      .flatMap((seen) => pick(seen).map((dueAt) => ({ shard: seen.shard, dueAt })))
      .toSorted((a, b) => a.dueAt - b.dueAt);
  const chosen = [...sorted(({ calls }) => calls), ...sorted(({ others }) => others)].slice(0, limit);
  return new Map([...Map.groupBy(chosen, ({ shard }) => shard)].map(([shard, due]) => [shard, due.length]));
}

async function take({ session, now }: LeaseDeps, shard: string, limit: number, leaseMs: number): Promise<ShardBatch> {
  const answer = (await session.run(
    TAKE,
    declareKeys(shard, "calls", "others", "waiting", "loads", "callee-loads", "counted"),
    [now(), limit, leaseMs, randomUUID()],
  )) as TakeAnswer;
  const [endsAt, next, taken] = answer;
  const leases = taken.map(([id, token, flat]): Lease => {
    const fields = readFields(flat);
    const deaths = fields["lone_deaths"];
    const lease = { push: readPush(id, fields), token, endsAt: Number(endsAt) };
    return deaths === undefined ? lease : { ...lease, loneDeaths: Number(deaths) };
  });
  return { leases, next: readInstant(next) };
}

function readInstant(text: string): number | undefined {
  return text === "" ? undefined : Number(text);
}

export function createNoteSuspicion({ session, keys, now }: LeaseDeps) {
  return async ({ push, token }: Lease, { isAlone, loneDeaths }: Suspicion): Promise<void> => {
    const declared = declareKeys(keys.shardOf(push.request.callee), `push:${push.id}`);
    await session.run(NOTE_SUSPICION, declared, [now(), push.id, token, isAlone ? 1 : 0, loneDeaths ?? ""]);
  };
}

type Throttled = Pick<Lease, "push" | "token">;

/** A shard that does not answer leaves only its own leases unsure. */
export function createRenew(deps: LeaseDeps): (leases: readonly Throttled[], ms: number) => Promise<Renewal> {
  const { session, keys, now } = deps;

  async function renewShard(shard: string, held: readonly Throttled[], leaseMs: number): Promise<Renewal> {
    const tokens = held.flatMap(({ push, token }) => [push.id, token]);
    const answer = await session.run(RENEW, declareKeys(shard, "calls", "others"), [now(), leaseMs, ...tokens]);
    const lost = new Set(answer as string[]);
    return { kept: new Set(held.map(({ token }) => token).filter((token) => !lost.has(token))), lost };
  }

  return async (leases, leaseMs) => {
    const byShard = Map.groupBy(leases, ({ push }) => keys.shardOf(push.request.callee));
    const asked = [...byShard].map(([shard, held]) => renewShard(shard, held, leaseMs));
    const { values, failure } = await askPrompt(asked);
    return compact({
      kept: new Set(values.flatMap(({ kept }) => [...kept])),
      lost: new Set(values.flatMap(({ lost }) => [...lost])),
      failure,
    });
  };
}
