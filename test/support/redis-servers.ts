import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { findFreePort } from "./free-port.ts";

/** A redis-server on loopback. Its files are removed with it. */
export interface RedisServer extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  readonly url: string;
  /** Port on which Cluster nodes communicate. */
  readonly busPort?: number;
  /** A client for queries and faults behind the store's back. */
  readonly admin: Redis;
  /** Kills the server without warning. */
  kill(): Promise<void>;
  /**
   * Suspends the server until `thaw`: its connections stay open, but nothing answers. It can be killed in that state.
   */
  freeze(): void;
  thaw(): void;
  /** Starts the server again with the same port and files. */
  restart(): Promise<void>;
}

export type RedisSettings = Readonly<Record<string, string | number>>;

const HOST = "127.0.0.1";
const READY_TIMEOUT_MS = 15_000;
/** Settings as a gateway needs them: no eviction, and a restart restores all data. */
const DEFAULTS: RedisSettings = {
  bind: HOST,
  "protected-mode": "no",
  save: '""',
  appendonly: "yes",
  appendfsync: "everysec",
  "maxmemory-policy": "noeviction",
  "repl-diskless-sync-delay": 0,
  "repl-timeout": 10,
  loglevel: "warning",
};

export async function startRedis(
  settings: RedisSettings = {},
  mode: "server" | "sentinel" = "server",
  program: string = `redis-${mode}`,
) {
  const port = await findFreePort();
  const directory = await mkdtemp(join(tmpdir(), "sip-pushd-redis-"));
  const file = join(directory, "redis.conf");
  const all = { ...(mode === "server" ? DEFAULTS : { bind: HOST }), ...settings, port, dir: directory };
  await writeFile(file, `${Object.entries(all).map(writeSetting).join("\n")}\n`);
  const { requirepass, "cluster-port": busPort } = settings;
  const login = requirepass === undefined ? {} : { password: String(requirepass) };
  const options = { lazyConnect: true, retryStrategy: () => 20, disableClientInfo: true };
  const admin = new Redis({ host: HOST, port, ...login, ...options });
  admin.on("error", () => undefined);
  let child: ChildProcess | undefined;

  async function start(): Promise<void> {
    child = spawn(program, [file], { stdio: ["ignore", "ignore", "inherit"] });
    await waitFor(`${program} on port ${port}`, async () => (await admin.ping()) === "PONG");
  }

  async function kill(): Promise<void> {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  }

  const server: RedisServer = {
    host: HOST,
    port,
    url: `redis://${HOST}:${port}`,
    ...(busPort === undefined ? {} : { busPort: Number(busPort) }),
    admin,
    kill,
    freeze: () => void child?.kill("SIGSTOP"),
    thaw: () => void child?.kill("SIGCONT"),
    restart: start,
    async [Symbol.asyncDispose]() {
      admin.disconnect();
      await kill();
      await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  try {
    await start();
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
  return server;
}

/** Some settings may occur more than once; their value has several lines. */
function writeSetting([name, value]: [string, string | number]): string {
  return String(value)
    .split("\n")
    .map((line) => `${name} ${line}`)
    .join("\n");
}

/** Polls until the condition holds, because servers take time to find each other. */
export async function waitFor(what: string, holds: () => Promise<boolean>): Promise<void> {
  const giveUpAt = performance.now() + READY_TIMEOUT_MS;
  for (;;) {
    if (await holds().catch(() => false)) return;
    if (performance.now() > giveUpAt) throw new Error(`Waited ${READY_TIMEOUT_MS} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Waits until a replica has its master's data, which is later than its state "online". */
export async function waitForReplica({ admin }: RedisServer): Promise<void> {
  await waitFor("the replica has the master's data", async () => (await admin.wait(1, 100)) === 1);
}

export interface SentinelSetup extends AsyncDisposable {
  readonly name: string;
  readonly master: RedisServer;
  readonly replica: RedisServer;
  readonly sentinels: readonly RedisServer[];
}

const MASTER_NAME = "pushes";

/** Starts one master, one replica, and three Sentinels that agree about them. */
export async function startSentinel(): Promise<SentinelSetup> {
  await using started = new AsyncDisposableStack();
  const master = started.use(await startRedis());
  const replica = started.use(await startRedis({ replicaof: `${HOST} ${master.port}` }));
  await waitForReplica(master);
  const settings = {
    "sentinel monitor": `${MASTER_NAME} ${HOST} ${master.port} 2`,
    "sentinel down-after-milliseconds": `${MASTER_NAME} 1000`,
    "sentinel failover-timeout": `${MASTER_NAME} 5000`,
  };
  const sentinels = await Promise.all(
    Array.from({ length: 3 }, async () => started.use(await startRedis(settings, "sentinel"))),
  );
  await waitFor("the Sentinels know each other and the replica", async () => {
    const views = await Promise.all(sentinels.map(({ admin }) => admin.info("sentinel")));
    return views.every((view) => /status=ok.*slaves=1,sentinels=3/.test(view));
  });
  const resources = started.move();
  return { name: MASTER_NAME, master, replica, sentinels, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

export interface ClusterSetup extends AsyncDisposable {
  readonly masters: readonly RedisServer[];
  /** One for each master, in the same order; empty if none were requested. */
  readonly replicas: readonly RedisServer[];
}

const SLOTS = 16_384;

/** Starts three masters that share the slots. */
export async function startCluster({ hasReplicas = false, nodeTimeoutMs = 2_000 } = {}): Promise<ClusterSetup> {
  await using started = new AsyncDisposableStack();
  const settings = {
    "cluster-enabled": "yes",
    "cluster-node-timeout": nodeTimeoutMs,
    "cluster-require-full-coverage": "no",
  };
  // By default a node's second port is its first one + 10000, which another connection may use.
  const startNode = async () => started.use(await startRedis({ ...settings, "cluster-port": await findFreePort() }));
  const startThree = () => Promise.all(Array.from({ length: 3 }, startNode));
  const masters = await startThree();
  const share = Math.ceil(SLOTS / masters.length);
  for (const [index, { admin }] of masters.entries()) {
    await admin.call("CLUSTER", "ADDSLOTSRANGE", index * share, Math.min((index + 1) * share, SLOTS) - 1);
    await admin.call("CLUSTER", "SET-CONFIG-EPOCH", index + 1);
    for (const other of masters) await meet(admin, other);
  }
  await waitFor("every node of the Cluster sees all slots", async () => {
    const views = await Promise.all(masters.map(({ admin }) => admin.cluster("INFO")));
    return views.every((view) => view.includes("cluster_state:ok") && view.includes("cluster_known_nodes:3"));
  });
  const replicas = hasReplicas ? await startThree() : [];
  for (const [index, { admin }] of replicas.entries()) await joinAsReplica(admin, masters, index);
  const resources = started.move();
  return { masters, replicas, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

async function meet(admin: Redis, { port, busPort }: RedisServer): Promise<void> {
  if (busPort === undefined) throw new Error("it is no node of a Cluster");
  await admin.call("CLUSTER", "MEET", HOST, port, busPort);
}

async function joinAsReplica(admin: Redis, masters: readonly RedisServer[], index: number): Promise<void> {
  const master = masters[index];
  if (master === undefined) throw new Error("there is a replica for each master, and no more");
  await meet(admin, master);
  const id = String(await master.admin.call("CLUSTER", "MYID"));
  await waitFor("the replica knows its master", async () => (await admin.call("CLUSTER", "REPLICATE", id)) === "OK");
  await waitForReplica(master);
}
