/**
 * Program: the least that a durable push gateway on this platform can do. A fastify route behind TLS stores the push
 * (one Redis script, or one SQLite INSERT and UPDATE), answers, and sends the push by bare `node:http2`. It does not
 * retry, recover or log.
 */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { connect } from "node:http2";
import { DatabaseSync } from "node:sqlite";
import fastify from "fastify";
import { Redis } from "ioredis";

export interface FloorOptions {
  readonly port: number;
  readonly apnsPort: number;
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
  /** Path of a new database, or the address of a Redis. */
  readonly sqlite?: string;
  readonly redis?: string;
}

interface FloorStore {
  /** Returns the number under which the store has the push. */
  put(push: string): Promise<number> | number;
  end(number: number): void;
}

const PUT = `redis.call('HSET', KEYS[1], 'push', ARGV[1], 'state', 'pending')
redis.call('ZADD', KEYS[2], ARGV[2], KEYS[1])
return 1`;

function openSqlite(path: string): FloorStore {
  const db = new DatabaseSync(path);
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
    CREATE TABLE pushes (number INTEGER PRIMARY KEY, push TEXT NOT NULL, state TEXT NOT NULL) STRICT`);
  const put = db.prepare("INSERT INTO pushes (push, state) VALUES (?, 'pending')");
  const end = db.prepare("UPDATE pushes SET state = 'delivered' WHERE number = ?");
  return { put: (push) => Number(put.run(push).lastInsertRowid), end: (number) => void end.run(number) };
}

function openRedis(url: string): FloorStore {
  const redis = new Redis(url);
  redis.defineCommand("putPush", { numberOfKeys: 2, lua: PUT });
  const run = Reflect.get(redis, "putPush") as (...args: readonly (string | number)[]) => Promise<unknown>;
  let last = 0;
  return {
    async put(push) {
      last += 1;
      const number = last;
      await run.call(redis, `floor:${number}`, "floor:queue", push, Date.now());
      return number;
    },
    end: () => undefined,
  };
}

const options = JSON.parse(process.argv[2] ?? "{}") as FloorOptions;
const read = (path: string) => readFileSync(path, "utf8");
const store = options.redis === undefined ? openSqlite(options.sqlite ?? ":memory:") : openRedis(options.redis);
const apns = connect(`https://localhost:${options.apnsPort}`, { ca: read(options.ca) });
const authorization = `bearer ${"x".repeat(180)}`;

function deliver(number: number, id: string, callee: string, payload: string): void {
  const stream = apns.request({
    ":method": "POST",
    ":path": `/3/device/${callee.padEnd(64, "0")}`,
    "apns-topic": "org.example.phone.voip",
    "apns-push-type": "voip",
    "apns-priority": "10",
    "apns-expiration": "0",
    "apns-id": id,
    "content-type": "application/json",
    authorization,
  });
  stream.on("response", () => store.end(number));
  stream.resume();
  stream.end(payload);
}

const app = fastify({ logger: false, https: { cert: read(options.cert), key: read(options.key) } });
app.post<{ Body: { readonly callee: string } }>("/v1/calls", async ({ body }, reply) => {
  const id = randomUUID();
  const payload = JSON.stringify(body);
  deliver(await store.put(payload), id, body.callee, payload);
  return reply.code(202).send({ id });
});
await app.listen({ host: "127.0.0.1", port: options.port });
