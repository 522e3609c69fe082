import type { DeadLetterSelector } from "../../gateway/push-store.ts";
import type { Push } from "../../push/push.ts";
import { askWhoAnswers, findInShards } from "./ask-shards.ts";
import type { LeaseDeps } from "./lease.ts";
import { listShardsOf } from "./push-ids.ts";
import { readFields, readPush } from "./records.ts";
import { loadShardScript } from "./script.ts";
import { declareKeys } from "./shards.ts";

const LIST = loadShardScript("dead-letters");
const DROP = loadShardScript("drop-dead-letter");

/** Where a push stands in the order of acceptance. */
interface Place {
  readonly acceptedAt: number;
  /** Orders those of one millisecond. */
  readonly place: string;
}

interface DeadLetter extends Place {
  readonly push: Push;
}

type ListAnswer = readonly (readonly [id: string, place: string, fields: string[]])[];

/** Each shard gives a page of its own, of which the newest make the page. What lies in a shard that is away is missing meanwhile. */
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

export function createDropDeadLetter({ session, keys, now }: LeaseDeps): (id: string) => Promise<boolean> {
  return async (id) => {
    const dropped = await findInShards(listShardsOf(keys, id), async (shard) =>
      (await session.run(DROP, declareKeys(shard, `push:${id}`, "ended", "dead", "tokens"), [now(), id])) === 1
        ? true
        : undefined,
    );
    return dropped ?? false;
  };
}
