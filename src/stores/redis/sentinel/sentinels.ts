import { Redis, type CommonRedisOptions } from "ioredis";
import type { RedisAddress, RedisConnection } from "../redis-options.ts";
import { chooseMaster, type ChosenMaster, type SentinelView } from "./choose-master.ts";
import { compact } from "../../../push/compact.ts";

/** Options common to all connections. */
export type CommonOptions = CommonRedisOptions & { readonly replyMapping: "legacy" };

export type SentinelConnection = Extract<RedisConnection, { kind: "sentinel" }>;

/** Connections to the Sentinels of one master, which stay open. */
export interface Sentinels extends Disposable {
  /** Asks all Sentinels. Rejects with a message for an operator if none answers or none knows the master's name. */
  findMaster(): Promise<ChosenMaster>;
}

/** How long the others have after most have answered, so that an unreachable one causes no delay. */
const GRACE_MS = 100;

/** Connects with the first query. */
export function openSentinels(connection: SentinelConnection, common: CommonOptions): Sentinels {
  /** By `host:port`. */
  const known = new Map<string, Redis>();
  const most = Math.floor(connection.sentinels.length / 2) + 1;

  function add({ host, port }: RedisAddress): void {
    const name = `${host}:${port}`;
    if (known.has(name)) return;
    const { sentinelUsername: username, sentinelPassword: password, tls } = connection;
    const login = compact({ username, password });
    const secure = tls === undefined ? {} : { tls };
    const options = { ...common, ...login, ...secure, host, port, enableOfflineQueue: true, enableReadyCheck: false };
    const client = new Redis(options);
    // Its queries report what is wrong.
    client.on("error", () => undefined);
    known.set(name, client);
  }

  for (const address of connection.sentinels) add(address);

  return {
    async findMaster() {
      const asked = [...known].map(([name, client]) => ask(client, name, connection.name));
      const { answers, errors } = await gather(asked, most);
      for (const { others } of answers) for (const address of others) add(address);
      const views = answers.flatMap(({ view }) => view ?? []);
      if (views.length > 0) return chooseMaster(views);
      if (answers.length > 0)
        throw new Error(`No Sentinel knows a master named ${connection.name}. Correct store.redis.sentinel.name.`);
      throw new Error(`All sentinels are unreachable: ${errors.join("; ")}.`);
    },
    [Symbol.dispose]() {
      for (const client of known.values()) client.disconnect();
      known.clear();
    },
  };
}

interface SentinelAnswer {
  /** Undefined if the Sentinel does not know the master. */
  readonly view?: SentinelView;
  /** Other Sentinels of the same master. */
  readonly others: readonly RedisAddress[];
}

/** https://redis.io/docs/latest/develop/reference/sentinel-clients/ */
async function ask(client: Redis, name: string, master: string): Promise<SentinelAnswer> {
  const commands = client.pipeline();
  for (const question of ["get-master-addr-by-name", "master", "sentinels"])
    commands.call("SENTINEL", question, master);
  // One pipeline, so that the answers are from the same moment.
  const answers = await commands.exec();
  const [address, details, others] = (answers ?? []).map(([error, value]) => {
    if (error !== null && !/no such master/i.test(error.message)) throw new Error(`${name}: ${error.message}`);
    return error === null ? value : undefined;
  });
  if (!Array.isArray(address)) return { others: [] };
  const [host, port] = address as [string, string];
  const fields = readPairs(details);
  const state = fields["failover-state"];
  return {
    view: compact({
      address: { host, port: Number(port) },
      configEpoch: Number(fields["config-epoch"] ?? 0),
      failoverState: state,
    }),
    others: (Array.isArray(others) ? others : []).flatMap((other) => readOther(readPairs(other))),
  };
}

function readOther({ ip, port, flags = "" }: Readonly<Record<string, string>>): RedisAddress[] {
  return ip === undefined || port === undefined || flags.includes("down") || flags.includes("disconnected")
    ? []
    : [{ host: ip, port: Number(port) }];
}

function readPairs(reply: unknown): Readonly<Record<string, string>> {
  if (!Array.isArray(reply)) return {};
  const pairs = reply.flatMap((name, index) => (index % 2 === 0 ? [[String(name), String(reply[index + 1])]] : []));
  return Object.fromEntries(pairs) as Record<string, string>;
}

interface Gathered<T> {
  readonly answers: readonly T[];
  readonly errors: readonly string[];
}

/** Returns all answers, or those that have arrived shortly after `enough` of them have. */
function gather<T>(asked: readonly Promise<T>[], enough: number): Promise<Gathered<T>> {
  const answers: T[] = [];
  const errors: string[] = [];
  const { promise, resolve } = Promise.withResolvers<Gathered<T>>();
  let grace: NodeJS.Timeout | undefined;
  const finish = (): void => {
    clearTimeout(grace);
    resolve({ answers: [...answers], errors: [...errors] });
  };
  const count = (): void => {
    if (answers.length + errors.length === asked.length) finish();
    else if (answers.length >= enough) grace ??= setTimeout(finish, GRACE_MS);
  };
  for (const one of asked) {
    one.then(
      (answer) => (answers.push(answer), count()),
      (error: unknown) => (errors.push(error instanceof Error ? error.message : String(error)), count()),
    );
  }
  return promise;
}
