import { once } from "node:events";
import { Cluster, type Redis } from "ioredis";
import { createClient, type RedisClient } from "./client.ts";
import { closed, explain, timedOut, tooBusy } from "./redis-error.ts";
import { describeConnection, type RedisConnection, type RedisLogin } from "./redis-options.ts";
import type { Script } from "./script.ts";

/** A value on its way to Redis. */
export type Argument = string | number;

/** One connection (in a Cluster: one to each node), and a deadline for whatever is sent on it. */
export interface RedisSession extends AsyncDisposable {
  readonly client: RedisClient;
  /** Begins a sentence about it. */
  readonly where: string;
  /** Runs a script; the first key decides on the node. */
  readonly run: (script: Script, keys: readonly string[], args: readonly Argument[]) => Promise<unknown>;
  /**
   * The same Redis, with another login for connections that are made from now on. Rejects if Redis refuses it on those that stand, which go on
   * with the old one.
   */
  readonly renewLogin: (connection: RedisConnection) => Promise<void>;
  /** Whatever is asked of the client: explained errors, one deadline. */
  readonly ask: <T>(send: (client: RedisClient) => Promise<T>) => Promise<T>;
}

export interface RedisSessionOptions {
  readonly connection: RedisConnection;
  readonly commandTimeoutMs: number;
}

/** More answers than this owed at once are a Redis that is stuck, not one that is busy. */
const MAX_WAITING = 10_000;

/** Connects, and waits for it; rejects with a RedisStoreError where that takes too long. */
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
      // Answers to what was sent before come first.
      await within(commandTimeoutMs, where, client.quit()).catch(() => undefined);
      client.disconnect();
    },
  };
}

/** On the connections that stand: shows whether Redis takes the login. */
async function logIn(client: RedisClient, ask: RedisSession["ask"], { username, password }: RedisLogin): Promise<void> {
  if (password === undefined) return;
  const nodes = client instanceof Cluster ? client.nodes("all").filter(({ status }) => status === "ready") : [client];
  const name = username ?? "default";
  await Promise.all(nodes.map((node) => ask(() => node.auth(name, password))));
}

/** Redis forgets its scripts when it starts, and on SCRIPT FLUSH. */
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

/** Not left to ioredis, whose promises do not all settle: an answer is due whatever the client does. */
async function within<T>(ms: number, where: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    // A process that stood still has the answer already, and has not read it: one turn of the loop does.
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
    // Who waits gets no other password.
    if (explain(where, error).code === "access_denied") ready.reject(error);
  };
  // Without a listener ioredis writes to the console. What matters of it later, the commands say.
  client.on("error", note);
  // Why one of a Cluster's nodes does not say where the slots are.
  client.on("node error", note);
  client.once("ready", () => ready.resolve());
  // It rejects with the first try; the tries go on.
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
 * ioredis connects to a Cluster's node with its first command, and refuses further ones until that is done. A node that cannot be reached is
 * a matter of the commands for it.
 */
async function connectNodes(cluster: Cluster, timeoutMs: number): Promise<void> {
  const connectNode = async (node: Redis): Promise<void> => {
    if (node.status === "wait") await node.connect().catch(() => undefined);
    else if (node.status !== "ready") await once(node, "ready", { signal: AbortSignal.timeout(timeoutMs) });
  };
  cluster.on("+node", (node: Redis) => void connectNode(node).catch(() => undefined));
  await Promise.allSettled(cluster.nodes("master").map(connectNode));
}
