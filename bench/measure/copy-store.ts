import { crc32 } from "node:zlib";
import { DatabaseSync } from "node:sqlite";
import type { RedisServer } from "../../test/fixtures/redis-servers.ts";

/** Columns that differ in each copy of a row; the others are copied as they are. Unknown tables and columns are left alone. */
const DEVICE_COLUMNS = ["subscriber", "token", "id"];
const PUSH_COLUMNS = ["id", "push_id", "dedup_key"];

interface Column {
  readonly name: string;
  readonly pk: number;
  /** 0 for ordinary columns; generated ones cannot be written. */
  readonly hidden: number;
  readonly type: string;
}

/**
 * Multiplies the devices of a stopped gateway's file until there are about `wanted`. Reads the columns from the file,
 * so that it follows the schema.
 */
export function copyDevices(path: string, wanted: number): void {
  copyRows(path, ["devices", "tokens"], wanted, DEVICE_COLUMNS);
}

/** Multiplies the pushes of a stopped gateway's file until there are about `wanted`. */
export function copyPushes(path: string, wanted: number): void {
  copyRows(path, ["pushes", "deliveries"], wanted, PUSH_COLUMNS);
}

function copyRows(
  path: string,
  tables: readonly [string, ...string[]],
  wanted: number,
  changed: readonly string[],
): void {
  using db = new DatabaseSync(path, { timeout: 5_000 });
  db.exec("PRAGMA synchronous = OFF; BEGIN");
  const count = Number(db.prepare(`SELECT count(*) AS count FROM ${tables[0]}`).get()?.["count"]);
  const copies = Math.round(wanted / count) - 1;
  for (const table of tables) {
    const columns = db.prepare(`SELECT name, pk, hidden, type FROM pragma_table_xinfo('${table}')`).all();
    const statement = buildCopy(table, columns as unknown as readonly Column[], changed);
    if (statement !== undefined) db.prepare(statement).run(copies);
  }
  db.exec("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)");
}

/** Undefined if the file has no such table. */
function buildCopy(table: string, columns: readonly Column[], changed: readonly string[]): string | undefined {
  // SQLite numbers the rows of an INTEGER PRIMARY KEY itself.
  const isNumbered = ({ type, pk }: Column) =>
    pk === 1 && type === "INTEGER" && columns.filter((one) => one.pk > 0).length === 1;
  const copied = columns.filter((column) => column.hidden === 0 && !isNumbered(column)).map(({ name }) => name);
  if (copied.length === 0) return undefined;
  // The last eight characters become the number of the copy, so that ids and tokens keep their length.
  const values = copied.map((name) => {
    if (!changed.includes(name)) return name;
    if (name === "subscriber") return `printf('c%d-', n) || subscriber`;
    return `CASE WHEN length(${name}) > 16 THEN substr(${name}, 1, 8) || printf('%08x', n) || substr(${name}, 17) ELSE ${name} || n END`;
  });
  return `WITH RECURSIVE copies (n) AS (SELECT 1 WHERE ?1 > 0 UNION ALL SELECT n + 1 FROM copies WHERE n < ?1)
    INSERT INTO ${table} (${copied.join(", ")}) SELECT ${values.join(", ")} FROM ${table}, copies`;
}

const PIPELINE = 2_000;

interface RedisCopy {
  readonly redis: RedisServer;
  readonly keyPrefix: string;
  readonly shards: number;
  /** Present in the keys and values of the subscriber to copy, who must be the only one with them. */
  readonly subscriber: string;
  readonly token: string;
  readonly wanted: number;
  /** Names of copy `n`. */
  readonly name: (n: number) => { readonly subscriber: string; readonly token: string };
}

type StoredKey =
  | { readonly kind: "hash"; readonly key: string; readonly fields: readonly string[] }
  | { readonly kind: "string"; readonly key: string; readonly value: string };

/** Writes copies of one subscriber's devices in the form in which the gateway stored them. */
export async function copyRedisSubscriber(copy: RedisCopy): Promise<void> {
  const { redis, keyPrefix, subscriber, token, wanted } = copy;
  const stored = await readKeys(redis, await findKeys(redis, `${keyPrefix}*`, [subscriber, token]));
  if (stored.length === 0) throw new Error(`Redis has no key of ${subscriber}.`);
  for (let from = 1; from <= wanted; from += PIPELINE) {
    const pipeline = redis.admin.pipeline();
    for (let n = from; n < Math.min(from + PIPELINE, wanted + 1); n += 1) {
      const rename = buildRename(copy, n);
      for (const one of stored) {
        if (one.kind === "hash") pipeline.hset(rename(one.key), ...one.fields.map(rename));
        else pipeline.set(rename(one.key), rename(one.value));
      }
    }
    await pipeline.exec();
  }
}

/** The shard of a subscriber follows from the name. */
function buildRename({ subscriber, token, shards, name }: RedisCopy, n: number): (text: string) => string {
  const copy = name(n);
  const tag = `{q${crc32(copy.subscriber) % shards}}`;
  return (text) =>
    text
      .replace(/\{q\d+\}/, tag)
      .replaceAll(subscriber, copy.subscriber)
      .replaceAll(token, copy.token);
}

async function findKeys({ admin }: RedisServer, pattern: string, texts: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  let cursor = "0";
  do {
    const [next, keys] = await admin.scan(cursor, "MATCH", pattern, "COUNT", 1_000);
    found.push(...keys.filter((key) => texts.some((text) => key.includes(text))));
    cursor = next;
  } while (cursor !== "0");
  return found;
}

async function readKeys({ admin }: RedisServer, keys: readonly string[]): Promise<readonly StoredKey[]> {
  const stored = await Promise.all(
    keys.map(async (key): Promise<readonly StoredKey[]> => {
      const type = await admin.type(key);
      if (type === "string") return [{ kind: "string", key, value: (await admin.get(key)) ?? "" }];
      if (type !== "hash") return [];
      return [{ kind: "hash", key, fields: Object.entries(await admin.hgetall(key)).flat() }];
    }),
  );
  return stored.flat();
}
