import {
  startCluster,
  startRedis,
  startSentinel,
  type ClusterSetup,
  type RedisServer,
} from "../fixtures/redis-servers.ts";
import type { OpenStore, StoreUnderTest } from "./store-under-test.ts";
import { startTcpProxy } from "./tcp-proxy.ts";

/** Configured as by an operator: the append-only file is written at once and synced every second. */
export const openRedisUnderTest: OpenStore = async () => {
  const server = await startRedis();
  return {
    name: "redis",
    section: redisSection("process", `url: "${server.url}"`),
    redis: [server],
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
};

export function openRedisWithRoomFor(pushes: number): OpenStore {
  return async () => {
    const server = await startRedis();
    // Each shard has its part of the room. With few shards, none is full long before the others.
    const where = `url: "${server.url}", shards: 4`;
    return {
      name: "redis",
      section: `{ kind: redis, max_pending: ${pushes}, redis: { ${where} } }`,
      redis: [server],
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    };
  };
}

/** The gateway reaches it over a link that can be made slow. */
export const openRedisOverLink: OpenStore = async () => {
  await using opened = new AsyncDisposableStack();
  const server = opened.use(await startRedis());
  const link = opened.use(await startTcpProxy({ port: server.port }));
  const resources = opened.move();
  return {
    name: "redis",
    section: redisSection("process", `url: "redis://127.0.0.1:${link.port}"`),
    redis: [server],
    link,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
};

/** The first of two gateways reaches it over a link that can fail, the second one directly. */
export const openRedisOverOneLink: OpenStore = async (directory) => {
  const store = await openRedisOverLink(directory);
  const [{ url }] = redisOf(store);
  return { ...store, peerSection: redisSection("process", `url: "${url}"`) };
};

/** A master, a replica and three Sentinels. A push counts once the replica has it. */
export const openSentinelUnderTest: OpenStore = async () => {
  const setup = await startSentinel();
  const nodes = setup.sentinels.map(({ host, port }) => `"${host}:${port}"`).join(", ");
  return {
    name: "redis sentinel",
    section: redisSection("replica", `sentinel: { name: ${setup.name}, nodes: [${nodes}] }`),
    redis: [setup.master, setup.replica],
    sentinel: { name: setup.name, servers: setup.sentinels },
    [Symbol.asyncDispose]: () => setup[Symbol.asyncDispose](),
  };
};

/** Three masters that share the shards. */
export const openClusterUnderTest: OpenStore = async () => {
  const setup = await startCluster();
  return clusterUnderTest(setup, "redis cluster", "process");
};

/** The same with Redis's default for how long a lost node counts as a slow one. */
export const openPatientClusterUnderTest: OpenStore = async () => {
  const setup = await startCluster({ nodeTimeoutMs: 15_000 });
  return clusterUnderTest(setup, "redis cluster", "process");
};

/** Three masters with a replica each. A push counts once the replica has it. */
export const openReplicatedClusterUnderTest: OpenStore = async () => {
  const setup = await startCluster({ hasReplicas: true });
  return clusterUnderTest(setup, "redis cluster with replicas", "replica");
};

function clusterUnderTest(setup: ClusterSetup, name: string, durability: "process" | "replica"): StoreUnderTest {
  const { masters, replicas } = setup;
  const nodes = masters.map(({ host, port }) => `"${host}:${port}"`).join(", ");
  return {
    name,
    section: redisSection(durability, `cluster: [${nodes}]`),
    redis: [...masters, ...replicas],
    [Symbol.asyncDispose]: () => setup[Symbol.asyncDispose](),
  };
}

function redisSection(durability: "process" | "replica", where: string): string {
  return `{ kind: redis, durability: ${durability}, redis: { ${where} } }`;
}

/** The Redis servers of this run, for the scenario's faults. */
export function redisOf({ redis = [] }: StoreUnderTest): readonly [RedisServer, ...RedisServer[]] {
  const [first, ...others] = redis;
  if (first === undefined) throw new Error("this scenario needs Redis");
  return [first, ...others];
}

/** Suspends Redis with all its connections during the work, and resumes it in any case. */
export async function whileFrozen(server: RedisServer, work: () => Promise<void>): Promise<void> {
  server.freeze();
  try {
    await work();
  } finally {
    server.thaw();
  }
}
