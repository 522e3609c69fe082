import type { RedisConnectionConfig, RedisStoreConfig, StoreConfig, StoreLimits, RedisTlsConfig } from "../config.ts";
import { readCaFile } from "../credentials/ca-file.ts";
import { readCertificatePair } from "../credentials/certificate-pair.ts";
import { readKeyPassphrase, readSecretSetting } from "../credentials/secret-setting.ts";
import { quote } from "../problem.ts";
import type { RawConfig } from "../schema/config-schema.ts";
import { QUEUE, REDIS_KEYS, RETENTION } from "../schema/store.ts";
import { resolveSettings } from "../schema/target.ts";
import { resolveSqlitePath, type StoreFolderDeps } from "./sqlite-path.ts";
import { compact } from "../../push/compact.ts";

type RawStore = RawConfig["store"];
type RawRedis = RawStore["redis"];

export function resolveStore(raw: RawConfig, deps: StoreFolderDeps): StoreConfig {
  const limits = { ...resolveSettings(RETENTION, raw.store), queue: resolveSettings(QUEUE, raw.store) };
  return resolveKind(raw.store, deps) === "sqlite"
    ? { ...resolveSqlite(raw, deps), ...limits }
    : { ...resolveRedis(raw.store, deps), ...limits };
}

function resolveKind(store: RawStore, { report }: StoreFolderDeps): "sqlite" | "redis" {
  const hasRedis = countWays(store.redis) > 0;
  if (store.kind === undefined && hasRedis && store.path !== undefined) {
    const mend = "add kind: redis or kind: sqlite, or remove the other section";
    report.error(store, "kind", { message: "is missing, and both path and redis are given", mend });
  }
  if (store.kind === "sqlite" && hasRedis) {
    report.warning(store, "redis", {
      message: "is not used, since kind is sqlite",
      mend: "write kind: redis, or remove it",
    });
  }
  return store.kind ?? (hasRedis ? "redis" : "sqlite");
}

/** Returns how many settings say where Redis is; it should be one. */
function countWays({ url, sentinel, cluster }: RawRedis): number {
  return [url !== undefined, sentinel.nodes.length > 0, cluster.length > 0].filter(Boolean).length;
}

function resolveSqlite(raw: RawConfig, deps: StoreFolderDeps) {
  const { durability } = raw.store;
  const path = resolveSqlitePath(raw, deps);
  if (durability === "replica") {
    const mend = "write durability: disk, or kind: redis";
    deps.report.error(raw.store, "durability", { message: "replica needs a Redis with replicas", mend });
  }
  return { kind: "sqlite", path, durability: durability === "disk" ? "disk" : "process" } as const;
}

function resolveRedis(store: RawStore, deps: StoreFolderDeps): Omit<RedisStoreConfig, keyof StoreLimits> {
  const { redis, durability } = store;
  return {
    kind: "redis",
    connection: resolveConnection(store, deps),
    ...resolveSettings(REDIS_KEYS, redis),
    durability:
      durability === "replica" ? { replicas: redis.replicas, timeoutMs: redis.replica_timeout_ms } : durability,
  };
}

function resolveConnection(store: RawStore, deps: StoreFolderDeps): RedisConnectionConfig {
  const { redis } = store;
  const { url, sentinel, cluster } = redis;
  const ways = countWays(redis);
  if (ways !== 1) {
    const message = ways === 0 ? "says of no Redis where it is" : "says of several ways where Redis is";
    const mend = "write one of url: redis://127.0.0.1:6379, sentinel: {name: …, nodes: […]} and cluster: […]";
    deps.report.error(store, "redis", { message, mend });
  }
  if (url !== undefined) return resolveSingle(redis, url, deps);
  const login = readLogin(redis, deps, { isTls: redis.tls });
  if (cluster.length > 0) return { kind: "cluster", nodes: readAddresses(redis, "cluster", cluster, deps), ...login };
  if (sentinel.name === undefined) {
    deps.report.missing(sentinel, "name", { message: "is missing", mend: "write the master's name, e.g. mymaster" });
  }
  const sentinels = readAddresses(sentinel, "nodes", sentinel.nodes, deps);
  return { kind: "sentinel", name: sentinel.name ?? "", sentinels, ...readSentinelLogin(sentinel, deps), ...login };
}

/** User and password of the URL are used unless there are settings for them. */
function resolveSingle(redis: RawRedis, text: string, deps: StoreFolderDeps): RedisConnectionConfig {
  const url = readUrl(redis, text, deps);
  const login = readLogin(redis, deps, { isTls: redis.tls || url?.protocol === "rediss:" });
  if (url === undefined) return { kind: "single", url: "", ...login };
  const inUrl = compact({
    username: url.username === "" ? undefined : decodeURIComponent(url.username),
    password: url.password === "" ? undefined : decodeURIComponent(url.password),
  });
  url.username = "";
  url.password = "";
  return { kind: "single", url: url.href, ...inUrl, ...login };
}

function readSentinelLogin(sentinel: RawRedis["sentinel"], deps: StoreFolderDeps) {
  const { username, password, password_file: file } = sentinel;
  const { value } = readSecretSetting(sentinel, "password", { value: password, file }, deps);
  return compact({
    sentinelUsername: username,
    sentinelPassword: value,
  });
}

function readLogin(redis: RawRedis, deps: StoreFolderDeps, { isTls }: { readonly isTls: boolean }) {
  const { username, password, password_file: file } = redis;
  const { value } = readSecretSetting(redis, "password", { value: password, file }, deps);
  const tls = readTls(redis, deps);
  const needsTls = isTls || redis.ca_file !== undefined || redis.certificate !== undefined;
  return compact({
    username,
    password: value,
    tls: needsTls ? tls : undefined,
  });
}

function readTls(redis: RawRedis, deps: StoreFolderDeps): RedisTlsConfig {
  const ca = redis.ca_file === undefined ? undefined : readCaFile(redis, "ca_file", redis.ca_file, deps);
  if (redis.certificate === undefined) {
    if (redis.key !== undefined) {
      const mend = "write certificate: and the path of the client certificate, or take key away";
      deps.report.error(redis, "key", { message: "there is no certificate that it belongs to", mend });
    }
    return ca === undefined ? {} : { ca };
  }
  const passphrase = readKeyPassphrase(redis, deps);
  const question = {
    section: redis,
    certificate: { key: "certificate", path: redis.certificate },
    privateKey: { key: "key", path: redis.key },
    passphrase: passphrase.value,
    passphraseKey: passphrase.path,
  };
  const pair = readCertificatePair(question, deps);
  if (pair === undefined) return ca === undefined ? {} : { ca };
  const { certificate: cert, key, passphrase: word } = pair;
  return compact({ ca, cert, key, passphrase: word });
}

function readUrl(redis: RawRedis, text: string, { report }: StoreFolderDeps): URL | undefined {
  const url = URL.parse(text);
  if (url !== null && /^rediss?:$/.test(url.protocol)) return url;
  report.error(redis, "url", {
    message: "expected an address like redis://127.0.0.1:6379/0",
    mend: "write e.g. url: redis://127.0.0.1:6379/0",
  });
  return undefined;
}

function readAddresses(section: object, key: string, entries: readonly string[], { report }: StoreFolderDeps) {
  return entries.flatMap((entry) => {
    const [, host, port] = /^\[?([^\]]+?)\]?:(\d{1,5})$/.exec(entry) ?? [];
    if (host !== undefined && Number(port) > 0 && Number(port) <= 65_535) return [{ host, port: Number(port) }];
    const message = "expected a list of host:port";
    report.error(section, key, { found: quote(entry), message, mend: "write e.g. [10.0.0.1:6379, 10.0.0.2:6379]" });
    return [];
  });
}
