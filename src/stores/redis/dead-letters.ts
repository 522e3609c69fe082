import type { DeadLetterSelector } from "../../gateway/push-store.ts";
import type { Push } from "../../push/push.ts";
import { askWhoAnswers, findInShards } from "./ask-shards.ts";
import type { LeaseDeps } from "./lease.ts";
import { listShardsOf } from "./push-ids.ts";
import { readFields, readPush } from "./records.ts";
import { loadShardScript, type Script } from "./script.ts";
import { declareKeys } from "./shards.ts";

const LIST = loadShardScript("dead-letters");
const DROP = loadShardScript("drop-dead-letter");
const MARK_REPLAYED = loadShardScript("mark-replayed");

/** Position of a push in the order of acceptance. */
interface Place {
  readonly acceptedAt: number;
  /** Orders pushes of the same millisecond. */
  readonly place: string;
}

interface DeadLetter extends Place {
  readonly push: Push;
}

type ListAnswer = readonly (readonly [id: string, place: string, fields: string[]])[];

/**
 * Each shard returns a page, and the newest of these make the result. Dead letters in a shard that does not answer are
 * missing.
 */
export function createListDeadLetters(deps: LeaseDeps): (selector: DeadLetterSelector) => Promise<readonly Push[]> {
  const { session, keys, now } = deps;

  return async ({ limit, before }) => {
    if (limit < 1) return [];
    const from = before === undefined ? undefined : await findPlace(deps, before);
    if (before !== undefined && from === undefined) return [];
    const args = [now(), limit, from?.acceptedAt ?? "", from?.place ?? ""];
    const pages = await askWhoAnswers(keys.shards.map((shard) => session.run(LIST, declareKeys(shard, "dead"), args)));
    return (pages as ListAnswer[])
      .flat()
      .map(readDeadLetter)
      .toSorted(newestFirst)
      .slice(0, limit)
      .map(({ push }) => push);
  };
}

function findPlace({ session, keys }: LeaseDeps, id: string): Promise<Place | undefined> {
  return findInShards(listShardsOf(keys, id), async (shard) => {
    const key = keys.push(shard, id);
    const [acceptedAt, place] = await session.ask((client) => client.hmget(key, "accepted_at", "place"));
    return typeof place === "string" ? { acceptedAt: Number(acceptedAt), place } : undefined;
  });
}

function readDeadLetter([id, place, fields]: ListAnswer[number]): DeadLetter {
  const push = readPush(id, readFields(fields));
  return { acceptedAt: push.acceptedAt, place, push };
}

function newestFirst(a: Place, b: Place): number {
  return b.acceptedAt - a.acceptedAt || (a.place < b.place ? 1 : -1);
}

export function createDropDeadLetter(deps: LeaseDeps): (id: string) => Promise<boolean> {
  return (id) => change(deps, DROP, ["ended", "dead", "tokens"], id);
}

export function createMarkReplayed(deps: LeaseDeps): (id: string, replacement: string) => Promise<boolean> {
  return (id, replacement) => change(deps, MARK_REPLAYED, ["dead"], id, replacement);
}

/** Runs a script on a dead letter. Returns false if no shard has one with that id. */
async function change(
  { session, keys, now }: LeaseDeps,
  script: Script,
  names: readonly string[],
  id: string,
  ...rest: readonly string[]
): Promise<boolean> {
  const changed = await findInShards(listShardsOf(keys, id), async (shard) => {
    const answer = await session.run(script, declareKeys(shard, `push:${id}`, ...names), [now(), id, ...rest]);
    return answer === 1 ? true : undefined;
  });
  return changed ?? false;
}
