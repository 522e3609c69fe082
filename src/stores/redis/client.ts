import { Cluster, Redis, type RedisOptions } from "ioredis";
import { corkEachTurn } from "./cork.ts";
import type { RedisConnection, RedisLogin } from "./redis-options.ts";
import { MasterConnector } from "./sentinel/master-connector.ts";
import type { CommonOptions, SentinelConnection } from "./sentinel/sentinels.ts";
import { compact } from "../../push/compact.ts";

export type RedisClient = Redis | Cluster;

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 500;
const CONNECT_TIMEOUT_MS = 2_000;
/** How long a newly promoted replica of a Cluster may stay unknown. */
const SLOTS_REFRESH_MS = 1_000;
/**
 * While a slot moves: the pause before a repeat, and how many redirections to follow. Together they take well below a
 * command's time.
 */
const TRY_AGAIN_MS = 50;
const MAX_REDIRECTIONS = 10;
/** Pause before checking again whether Redis has loaded its data. */
const LOADING_PAUSE_MS = 200;

function pauseMs(attempts: number): number {
  return Math.min(FIRST_PAUSE_MS * attempts, LONGEST_PAUSE_MS);
}

/**
 * Commands do not wait for a connection, and are never sent again automatically: callers have a deadline and learn the
 * state at once. A connection without expected answers is closed, because otherwise a half-open one would go unnoticed.
 */
function commonOptions(silenceMs: number | undefined): CommonOptions {
  return compact({
    replyMapping: "legacy",
    lazyConnect: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: silenceMs,
    maxLoadingRetryTime: LOADING_PAUSE_MS,
    retryStrategy: pauseMs,
    // A demoted master: another server is the master now.
    reconnectOnError: (error: Error) => error.message.startsWith("READONLY"),
    disableClientInfo: true,
  });
}

export interface OpenClient {
  /** Not connected yet. */
  readonly client: RedisClient;
  /** Sets the login for later connections to the same Redis. Open ones continue. */
  readonly renewLogin: (connection: RedisConnection) => void;
}

/** Creates a client. `silenceMs`: how long an expected answer may be missing; undefined if none is expected. */
export function createClient(connection: RedisConnection, silenceMs: number | undefined): OpenClient {
  const common = commonOptions(silenceMs);
  switch (connection.kind) {
    case "single": {
      const client = new Redis(connection.url, { ...common, ...readLogin(connection) });
      corkEachTurn(client);
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
  return compact({
    username,
    password,
    tls,
  });
}

/** ioredis reads these options at each connect. */
function applyLogin(targets: readonly LoginOptions[], login: RedisLogin): void {
  for (const options of targets) {
    delete options.username;
    delete options.password;
    Object.assign(options, readLogin(login));
  }
}

/** Creates a client of a master that Sentinels name. */
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
  corkEachTurn(client);
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
    // Commands of a lost node fail at once, and none is sent again automatically. The slot table is refreshed instead.
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
  // Emitted before connecting to a new node.
  client.on("+node", (node: Redis) => {
    applyLogin([node.options], current);
    corkEachTurn(node);
  });
  return {
    client,
    renewLogin(renewed) {
      current = renewed;
      const nodes = client.nodes("all").map((node) => node.options);
      applyLogin(nodes, renewed);
    },
  };
}
