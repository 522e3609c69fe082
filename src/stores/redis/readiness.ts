import { Cluster } from "ioredis";
import type { RedisDurability } from "./redis-options.ts";
import { explain } from "./redis-error.ts";
import type { RedisSession } from "./session.ts";

export interface Readiness {
  readonly ready: boolean;
  /** Each a sentence for an operator: what is wrong where, and what to do. */
  readonly problems: readonly string[];
}

/** What one Redis says about itself: `INFO`, as names and values. */
export type ServerInfo = Readonly<Record<string, string>>;

const OLDEST_VERSION = 7;

function readInfo(text: string): ServerInfo {
  return Object.fromEntries(
    text.split("\r\n").flatMap((line) => {
      const colon = line.indexOf(":");
      return colon < 0 || line.startsWith("#") ? [] : [[line.slice(0, colon), line.slice(colon + 1)]];
    }),
  );
}

/** What makes a Redis unfit for pushes that must not be lost. `fsync` is its setting, absent where it must not be asked for. */
function findProblems(where: string, info: ServerInfo, fsync: string | undefined, durability: RedisDurability) {
  return [
    ...findVersionProblem(where, info),
    ...findRoleProblem(where, info),
    ...findMemoryProblem(where, info),
    ...findDurabilityProblems(where, info, fsync, durability),
  ];
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

function findDurabilityProblems(
  where: string,
  { aof_enabled: aof, connected_slaves: connected = "0" }: ServerInfo,
  fsync: string | undefined,
  durability: RedisDurability,
): string[] {
  const problems: string[] = [];
  if (aof !== "1") {
    problems.push(`${where} keeps no append-only file, so a restart loses accepted pushes. Set appendonly yes.`);
  } else if (durability === "disk" && fsync !== "always") {
    const found =
      fsync === undefined ? "does not say how it writes to disk (CONFIG GET is refused)" : `has appendfsync ${fsync}`;
    problems.push(`${where} ${found}; durability disk needs appendfsync always. Set it, or choose durability process.`);
  }
  if (typeof durability === "object" && Number(connected) < durability.replicas) {
    const asked = `durability replica asks for ${durability.replicas}`;
    problems.push(`${where} has ${connected} replicas, ${asked}: no push can be accepted. Bring the replicas back.`);
  }
  return problems;
}

interface InspectedNode {
  readonly where: string;
  readonly info: ServerInfo;
  readonly fsync: string | undefined;
}

/** Asks every node that takes writes. */
export async function inspectNodes({ client, where, ask }: RedisSession): Promise<readonly InspectedNode[]> {
  const nodes = client instanceof Cluster ? client.nodes("master") : [client];
  return Promise.all(
    nodes.map(async (node) => {
      const info = readInfo(await ask(() => node.info()));
      const name = client instanceof Cluster ? `Redis at ${node.options.host}:${node.options.port}` : where;
      // Forbidden on many hosted ones.
      const settings = await ask(() => node.config("GET", "appendfsync")).catch(() => []);
      return { where: name, info, fsync: readSetting(settings) };
    }),
  );
}

/** RESP2 gives a list, RESP3 a map. */
function readSetting(reply: unknown): string | undefined {
  const value: unknown = Array.isArray(reply) ? reply[1] : Object.values(reply ?? {})[0];
  return typeof value === "string" ? value : undefined;
}

export async function readReadiness(session: RedisSession, durability: RedisDurability): Promise<readonly string[]> {
  try {
    const nodes = await inspectNodes(session);
    return nodes.flatMap(({ where, info, fsync }) => findProblems(where, info, fsync, durability));
  } catch (error) {
    return [explain(session.where, error).message];
  }
}

/** Version and persistence of every node that takes writes. */
export async function describeNodes(session: RedisSession): Promise<readonly string[]> {
  const nodes = await inspectNodes(session);
  return nodes.map(({ where, info, fsync }) => {
    const { redis_version: version = "unknown", aof_enabled: aof, maxmemory_policy: policy = "unknown" } = info;
    const persistence = aof === "1" ? `append-only file (appendfsync ${fsync ?? "not told"})` : "no append-only file";
    const replicas = `${info["connected_slaves"] ?? "0"} replicas`;
    return `${where}: version ${version}, ${persistence}, maxmemory-policy ${policy}, ${replicas}`;
  });
}
