import { Cluster, Redis } from "ioredis";
import type { RedisConnection } from "./redis-options.ts";
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

/** Does not connect yet. `silenceMs`: how long an answer may fail to come; undefined where none is expected. */
export function createClient(connection: RedisConnection, silenceMs: number | undefined): RedisClient {
  const common = commonOptions(silenceMs);
  switch (connection.kind) {
    case "single": {
      const { url, tls } = connection;
      return new Redis(url, tls === undefined ? common : { ...common, tls });
    }
    case "sentinel":
      return createFollower(connection, common);
    case "cluster":
      return createCluster(connection, common);
  }
}

/** Of a master that Sentinels name. */
function createFollower(connection: SentinelConnection, common: CommonOptions): Redis {
  const { username, password, db, tls } = connection;
  const asking = { ...common, commandTimeout: common.socketTimeout ?? CONNECT_TIMEOUT_MS };
  return new Redis({
    ...common,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(db === undefined ? {} : { db }),
    ...(tls === undefined ? {} : { tls }),
    Connector: class extends MasterConnector {
      constructor() {
        super(connection, asking, pauseMs);
      }
    },
  });
}

type ClusterConnection = Extract<RedisConnection, { kind: "cluster" }>;

function createCluster({ nodes, username, password, tls }: ClusterConnection, common: CommonOptions): Cluster {
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
    redisOptions: {
      ...perNode,
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      ...(tls === undefined ? {} : { tls }),
    },
  };
  return new Cluster(
    nodes.map((address) => ({ ...address })),
    options,
  );
}
