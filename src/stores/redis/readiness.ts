import { Cluster } from "ioredis";
import { askWhoAnswers } from "./ask-shards.ts";
import { judgeDurability, type ServerInfo } from "./durability.ts";
import type { RedisDurability } from "./redis-options.ts";
import type { RedisSession } from "./session.ts";
import { compact } from "../../push/compact.ts";

export interface Readiness {
  /** True if new pushes can be accepted. */
  readonly ready: boolean;
  /** Sentences for an operator: what is wrong where, and what to do. */
  readonly problems: readonly string[];
  /** Sentences about problems that do not prevent the acceptance of pushes. */
  readonly degraded: readonly string[];
  /** The sentences among these that concern durability. */
  readonly durability: readonly string[];
  /** Why every push is refused, in a few words for clients; undefined if none is refused for lack of durability. */
  readonly refusal?: string;
}

const OLDEST_VERSION = 7;

function readInfo(text: string): ServerInfo {
  return Object.fromEntries(
    text.split("\r\n").flatMap((line) => {
      const colon = line.indexOf(":");
      return colon < 0 || line.startsWith("#") ? [] : [[line.slice(0, colon), line.slice(colon + 1)]];
    }),
  );
}

export function findVersionProblem(where: string, { redis_version: version = "unknown" }: ServerInfo): string[] {
  if (Number.parseInt(version, 10) >= OLDEST_VERSION) return [];
  return [`${where} has version ${version}; the scripts need Redis ${OLDEST_VERSION}.0 or newer. Upgrade it.`];
}

function findRoleProblem(where: string, { role }: ServerInfo): string[] {
  if (role === "master") return [];
  return [`${where} is a read-only replica. Name its master in store.redis, or use Sentinel.`];
}

function findMemoryProblem(where: string, { maxmemory_policy: policy = "unknown" }: ServerInfo): string[] {
  if (policy === "noeviction") return [];
  return [
    `${where} may throw pushes away when its memory is full (maxmemory-policy ${policy}). Set maxmemory-policy noeviction.`,
  ];
}

function findReplicaProblem(where: string, info: ServerInfo, durability: RedisDurability): string[] {
  const connected = info["connected_slaves"] ?? "0";
  if (typeof durability !== "object" || Number(connected) >= durability.replicas) return [];
  const asked = `durability replica asks for ${durability.replicas}`;
  return [`${where} has ${connected} replicas, ${asked}: no push can be accepted. Bring the replicas back.`];
}

interface InspectedNode {
  readonly where: string;
  readonly info: ServerInfo;
  readonly fsync: string | undefined;
}

/** Queries every node that accepts writes. A Cluster node that does not answer is omitted; rejects if none does. */
export async function inspectNodes({ client, where, ask }: RedisSession): Promise<readonly InspectedNode[]> {
  const nodes = client instanceof Cluster ? client.nodes("master") : [client];
  return askWhoAnswers(
    nodes.map(async (node) => {
      const info = readInfo(await ask(() => node.info()));
      const name = client instanceof Cluster ? `Redis at ${node.options.host}:${node.options.port}` : where;
      // Many hosted Redis services forbid this.
      const settings = await ask(() => node.config("GET", "appendfsync")).catch(() => []);
      return { where: name, info, fsync: readSetting(settings) };
    }),
  );
}

/** RESP2 returns a list, RESP3 a map. */
function readSetting(reply: unknown): string | undefined {
  const value: unknown = Array.isArray(reply) ? reply[1] : Object.values(reply ?? {})[0];
  return typeof value === "string" ? value : undefined;
}

/**
 * Checks durability. If data is certainly not kept, pushes are refused at `disk` and `replica`. At `process`, which
 * only promises to survive the gateway's death, it is an alarm.
 */
export async function readReadiness(session: RedisSession, durability: RedisDurability): Promise<Readiness> {
  const nodes = await inspectNodes(session);
  return mergeReadiness(nodes.map((node) => judgeNode(node, durability)));
}

function judgeNode({ where, info, fsync }: InspectedNode, durability: RedisDurability): Readiness {
  const { broken, doubts, cause } = judgeDurability(where, info, fsync, durability);
  const isRefused = durability !== "process" && cause !== undefined;
  const problems = [
    ...findVersionProblem(where, info),
    ...findRoleProblem(where, info),
    ...findMemoryProblem(where, info),
    ...findReplicaProblem(where, info, durability),
    ...(isRefused ? broken : []),
  ];
  const degraded = isRefused ? doubts : [...broken, ...doubts];
  const judged = { ready: problems.length === 0, problems, degraded, durability: [...broken, ...doubts] };
  return isRefused ? { ...judged, refusal: cause } : judged;
}

function mergeReadiness(nodes: readonly Readiness[]): Readiness {
  const refusal = nodes.find((node) => node.refusal !== undefined)?.refusal;
  return compact({
    ready: nodes.every(({ ready }) => ready),
    problems: nodes.flatMap(({ problems }) => problems),
    degraded: nodes.flatMap(({ degraded }) => degraded),
    durability: nodes.flatMap((node) => node.durability),
    refusal,
  });
}

/** Returns version and persistence of every node that accepts writes. */
export async function describeNodes(session: RedisSession): Promise<readonly string[]> {
  const nodes = await inspectNodes(session);
  return nodes.map(({ where, info, fsync }) => {
    const { redis_version: version = "unknown", aof_enabled: aof, maxmemory_policy: policy = "unknown" } = info;
    const persistence = aof === "1" ? `append-only file (appendfsync ${fsync ?? "not told"})` : "no append-only file";
    const replicas = `${info["connected_slaves"] ?? "0"} replicas`;
    return `${where}: version ${version}, ${persistence}, maxmemory-policy ${policy}, ${replicas}`;
  });
}
