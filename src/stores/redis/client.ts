import { Cluster, Redis, type RedisOptions } from "ioredis";
import type { RedisConnection, RedisLogin } from "./redis-options.ts";
import { MasterConnector } from "./sentinel/master-connector.ts";
import type { CommonOptions, SentinelConnection } from "./sentinel/sentinels.ts";

export type RedisClient = Redis | Cluster;

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 500;
const CONNECT_TIMEOUT_MS = 2_000;
/** How long a replica that was promoted in a Cluster may be unknown to us. */
const SLOTS_REFRESH_MS = 1_000;
/** While a slot moves: how soon to try again, and how many answers to follow. Together well below a command's time. */
const TRY_AGAIN_MS = 50;
const MAX_REDIRECTIONS = 10;
/** How soon to look again whether Redis has loaded its data. */
const LOADING_PAUSE_MS = 200;

function pauseMs(attempts: number): number {
  return Math.min(FIRST_PAUSE_MS * attempts, LONGEST_PAUSE_MS);
}

/**
 * Nothing waits for a connection, and nothing is sent twice by itself: callers have a deadline, and get the truth at once. A connection
 * on which answers fail to come is given up, since otherwise nobody notices one that is half open.
 */
function commonOptions(silenceMs: number | undefined): CommonOptions {
  return {
    replyMapping: "legacy",
    lazyConnect: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: CONNECT_TIMEOUT_MS,
    ...(silenceMs === undefined ? {} : { socketTimeout: silenceMs }),
    maxLoadingRetryTime: LOADING_PAUSE_MS,
    retryStrategy: pauseMs,
    // A master that has been demoted: somebody else is the master by now.
    reconnectOnError: (error) => error.message.startsWith("READONLY"),
    disableClientInfo: true,
  };
}

export interface OpenClient {
  /** Does not connect yet. */
  readonly client: RedisClient;
  /** The same Redis, with another login: connections that are made from now on use it, and those that stand go on. */
  readonly renewLogin: (connection: RedisConnection) => void;
}

/** `silenceMs`: how long an answer may fail to come; undefined where none is expected. */
export function createClient(connection: RedisConnection, silenceMs: number | undefined): OpenClient {
  const common = commonOptions(silenceMs);
  switch (connection.kind) {
    case "single": {
      const client = new Redis(connection.url, { ...common, ...readLogin(connection) });
      return { client, renewLogin: (renewed) => applyLogin([client.options], renewed) };
    }
    case "sentinel":
      return createFollower(connection, common);
    case "cluster":
      return createCluster(connection, common);
  }
}

type LoginOptions = Pick<RedisOptions, "username" | "password" | "tls">;

function readLogin({ username, password, tls }: RedisLogin): LoginOptions {
  return {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls === undefined ? {} : { tls }),
  };
}

/** ioredis reads these options whenever it connects. */
function applyLogin(targets: readonly LoginOptions[], login: RedisLogin): void {
  for (const options of targets) {
    delete options.username;
    delete options.password;
    Object.assign(options, readLogin(login));
  }
}

/** Of a master that Sentinels name. */
function createFollower(connection: SentinelConnection, common: CommonOptions): OpenClient {
  const asking = { ...common, commandTimeout: common.socketTimeout ?? CONNECT_TIMEOUT_MS };
  let current = connection;
  const client = new Redis({
    ...common,
    ...readLogin(connection),
    ...(connection.db === undefined ? {} : { db: connection.db }),
    Connector: class extends MasterConnector {
      constructor() {
        super(() => current, asking, pauseMs);
      }
    },
  });
  return {
    client,
    renewLogin(renewed) {
      if (renewed.kind === "sentinel") current = renewed;
      applyLogin([client.options], renewed);
    },
  };
}

type ClusterConnection = Extract<RedisConnection, { kind: "cluster" }>;

function createCluster(connection: ClusterConnection, common: CommonOptions): OpenClient {
  const { retryStrategy: _none, enableOfflineQueue, lazyConnect, ...perNode } = common;
  const options: ConstructorParameters<typeof Cluster>[1] = {
    lazyConnect: lazyConnect ?? true,
    enableOfflineQueue: enableOfflineQueue ?? false,
    clusterRetryStrategy: pauseMs,
    // A lost node's commands fail at once, and none is sent a second time by itself; who has its slots is asked for instead.
    retryDelayOnFailover: 0,
    retryDelayOnTryAgain: TRY_AGAIN_MS,
    maxRedirections: MAX_REDIRECTIONS,
    slotsRefreshInterval: SLOTS_REFRESH_MS,
    redisOptions: { ...perNode, ...readLogin(connection) },
  };
  const client = new Cluster(
    connection.nodes.map((address) => ({ ...address })),
    options,
  );
  let current: RedisLogin = connection;
  // Before it connects to a node that it has just heard of.
  client.on("+node", (node: Redis) => applyLogin([node.options], current));
  return {
    client,
    renewLogin(renewed) {
      current = renewed;
      const nodes = client.nodes("all").map((node) => node.options);
      applyLogin(nodes, renewed);
    },
  };
}
