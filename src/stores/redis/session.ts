import { once } from "node:events";
import { Cluster, type Redis } from "ioredis";
import { createClient, type RedisClient } from "./client.ts";
import { closed, explain, timedOut, tooBusy } from "./redis-error.ts";
import { describeConnection, type RedisConnection, type RedisLogin } from "./redis-options.ts";
import type { Script } from "./script.ts";

/** A value sent to Redis. */
export type Argument = string | number;

/** One connection (in a Cluster, one to each node) with a time limit for every command. */
export interface RedisSession extends AsyncDisposable {
  readonly client: RedisClient;
  /** Start of a sentence about it, such as `Redis at 127.0.0.1:6379`. */
  readonly where: string;
  /** Runs a script. The first key decides the node. */
  readonly run: (script: Script, keys: readonly string[], args: readonly Argument[]) => Promise<unknown>;
  /**
   * Sets the login for later connections to the same Redis. Rejects if Redis refuses it on the open ones, which then
   * continue with the old login.
   */
  readonly renewLogin: (connection: RedisConnection) => Promise<void>;
  /** Sends commands. Rejects with a RedisStoreError, also after the time limit. */
  readonly ask: <T>(send: (client: RedisClient) => Promise<T>) => Promise<T>;
}

export interface RedisSessionOptions {
  readonly connection: RedisConnection;
  readonly commandTimeoutMs: number;
}

/** More outstanding answers than this mean that Redis is stuck, not busy. */
const MAX_WAITING = 10_000;

/** Connects and waits for it. Rejects with a RedisStoreError if that takes too long. */
export async function openSession(options: RedisSessionOptions, openTimeoutMs: number): Promise<RedisSession> {
  const { connection, commandTimeoutMs } = options;
  const where = describeConnection(connection);
  const { client, renewLogin } = createClient(connection, commandTimeoutMs);
  await connect(client, where, openTimeoutMs);
  let waiting = 0;
  let isClosed = false;

  async function ask<T>(send: (client: RedisClient) => Promise<T>): Promise<T> {
    if (isClosed) throw closed(where);
    if (waiting >= MAX_WAITING) throw tooBusy(where, waiting);
    waiting += 1;
    try {
      return await within(commandTimeoutMs, where, send(client));
    } catch (error) {
      throw explain(where, error);
    } finally {
      waiting -= 1;
    }
  }

  return {
    client,
    where,
    ask,
    async renewLogin(renewed) {
      renewLogin(renewed);
      await logIn(client, ask, renewed);
    },
    run: (script, keys, args) => ask(() => runScript(client, script, keys, args)),
    async [Symbol.asyncDispose]() {
      if (isClosed) return;
      isClosed = true;
      // Outstanding answers come first.
      await within(commandTimeoutMs, where, client.quit()).catch(() => undefined);
      client.disconnect();
    },
  };
}

/** Logs in on the open connections, which shows whether Redis accepts the login. */
async function logIn(client: RedisClient, ask: RedisSession["ask"], { username, password }: RedisLogin): Promise<void> {
  if (password === undefined) return;
  const nodes = client instanceof Cluster ? client.nodes("all").filter(({ status }) => status === "ready") : [client];
  const name = username ?? "default";
  await Promise.all(nodes.map((node) => ask(() => node.auth(name, password))));
}

/** Loads the script if Redis does not know it: it forgets its scripts at a restart and on SCRIPT FLUSH. */
async function runScript(
  client: RedisClient,
  { sha, source }: Script,
  keys: readonly string[],
  args: readonly Argument[],
): Promise<unknown> {
  try {
    return await client.evalsha(sha, keys.length, ...keys, ...args);
  } catch (error) {
    if (!isUnknownScript(error)) throw error;
    return client.eval(source, keys.length, ...keys, ...args);
  }
}

export function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("NOSCRIPT");
}

/** Implemented here, because not all of ioredis' promises settle, and an answer is due in any case. */
async function within<T>(ms: number, where: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    // A process that was suspended has the answer but has not read it; one turn of the loop reads it.
    timer = setTimeout(() => setImmediate(() => reject(timedOut(where, ms))), ms);
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

async function connect(client: RedisClient, where: string, timeoutMs: number): Promise<void> {
  let lastError: unknown;
  const ready = Promise.withResolvers<void>();
  const note = (error: unknown): void => {
    lastError = error;
    // Waiting would not lead to another password.
    if (explain(where, error).code === "access_denied") ready.reject(error);
  };
  // Without a listener ioredis writes to the console. The commands report relevant errors later.
  client.on("error", note);
  // Why a Cluster node does not return the slot table.
  client.on("node error", note);
  client.once("ready", () => ready.resolve());
  // It rejects after the first attempt; further attempts follow.
  client.connect().catch(note);
  try {
    await within(timeoutMs, where, ready.promise);
    if (client instanceof Cluster) await connectNodes(client, timeoutMs);
  } catch (error) {
    client.disconnect();
    throw explain(where, lastError ?? error);
  }
}

/**
 * Connects to the nodes in advance. ioredis connects to a Cluster node with its first command, and refuses further ones
 * until that is done. An unreachable node is reported by the commands for it.
 */
async function connectNodes(cluster: Cluster, timeoutMs: number): Promise<void> {
  const connectNode = async (node: Redis): Promise<void> => {
    if (node.status === "wait") await node.connect().catch(() => undefined);
    else if (node.status !== "ready") await once(node, "ready", { signal: AbortSignal.timeout(timeoutMs) });
  };
  cluster.on("+node", (node: Redis) => void connectNode(node).catch(() => undefined));
  await Promise.allSettled(cluster.nodes("master").map(connectNode));
}
