import type { CallBook, CallChange, NewCall } from "../../gateway/call-book.ts";
import type { Aor } from "../../push/address.ts";
import type { Call } from "../../push/call.ts";
import type { LeaseDeps } from "./lease.ts";
import { loadScript, loadShardScript } from "./script.ts";
import type { RedisSession } from "./session.ts";
import { declareKeys, type Keys } from "./shards.ts";

export interface RedisCallBookDeps extends LeaseDeps {
  readonly watch: CallBook["watch"];
}

const INDEX = loadScript("index-call");
const REPLACE = loadShardScript("replace-call");
const LIST = loadShardScript("list-calls");

/** A subscriber's calls are in his shard, so that the accept script can write the call with the push. */
export function createRedisCallBook({ session, keys, now, watch }: RedisCallBookDeps): CallBook {
  const get: CallBook["get"] = async ({ callee, id }) => {
    const record = await session.ask((client) => client.hget(`${keys.shardOf(callee)}:calls:${callee}`, id));
    return record === null ? undefined : parse(record);
  };
  return {
    get,
    async find(id) {
      const callees = await session.ask((client) => client.smembers(keys.call(id)));
      const calls = await Promise.all(callees.map((callee) => get({ callee: callee as Aor, id })));
      return calls.filter((call) => call !== undefined).toSorted((a, b) => a.startedAt - b.startedAt);
    },
    async list(callee, { since, limit }) {
      const args = [now(), callee, since, limit];
      return ((await session.run(LIST, declareCalls(keys, callee), args)) as string[]).map(parse);
    },
    async replace(before, after) {
      const { callee, id, startedAt, revision } = before;
      const change = JSON.stringify({ callee, id, pushIds: after.pushIds, state: after.state } satisfies CallChange);
      const args = [now(), callee, id, startedAt, revision, JSON.stringify(after), keys.callChanges, change];
      return (await session.run(REPLACE, declareCalls(keys, callee), args)) === 1;
    },
    // Calls expire by themselves.
    forgetCalls: async () => 0,
    watch,
  };
}

function declareCalls(keys: Keys, callee: Aor) {
  return declareKeys(keys.shardOf(callee), `calls:${callee}`, `call-times:${callee}`);
}

/** Returns the part of a new call that is known before Redis has decided about its push. */
export function writeNewCall({ id, caller, door, urlToken }: NewCall, callee: Aor): string {
  const known = { callee, id, caller, door, urlToken, registrations: [], history: [], revision: 1 };
  return JSON.stringify(known satisfies Partial<Record<keyof Call, unknown>>);
}

export interface IndexCallDeps {
  readonly session: RedisSession;
  readonly keys: Keys;
  readonly keepMs: number;
}

/** Returns a function that indexes calls by id, because one id may ring several subscribers. */
export function createIndexCall({ session, keys, keepMs }: IndexCallDeps): (id: string, callee: Aor) => void {
  return (id, callee) => {
    // If this fails, the call can still be found by its subscriber. A Redis in trouble has not accepted the push
    // either.
    session.run(INDEX, [keys.call(id)], [callee, keepMs]).catch(() => undefined);
  };
}

function parse(record: string): Call {
  const call = JSON.parse(record) as Call;
  // Lua writes an empty list as an empty object.
  const { history, registrations } = call;
  return { ...call, history: listOf(history), registrations: listOf(registrations) };
}

function listOf<T>(list: readonly T[]): readonly T[] {
  return Array.isArray(list) ? list : [];
}
