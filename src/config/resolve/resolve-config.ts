import { dirname } from "node:path";
import type { RetryPolicy } from "../../push/retry.ts";
import type { Config } from "../config.ts";
import type { CredentialDeps } from "../credentials/certificate-pair.ts";
import type { RawConfig } from "../schema/config-schema.ts";
import { resolveApiKeys } from "./api-keys.ts";
import { resolveDomains, resolveGlobalApps } from "./domains.ts";
import { resolveListeners } from "./listeners.ts";

export interface ResolveDeps extends CredentialDeps {
  /** Whether the settings are those of an NGCP file. */
  readonly ngcp: boolean;
  readonly directoryExists: (path: string) => boolean;
}

const SECOND_MS = 1000;
const MEGABYTE = 1024 * 1024;
const HOUR_MS = 3_600_000;
const DATABASE = "sip-pushd.db";
/** Sipwise's own clients find us here, whatever else is configured. */
const SIPWISE_PATH = "/push";

/** Checks what one setting alone cannot tell, reads the files that the settings name. Complete if nothing was reported. */
export function resolveConfig(raw: RawConfig, deps: ResolveDeps): Config {
  const rest = {
    processes: raw.processes,
    registration: {
      uniqueDeviceIds: raw.unique_device_ids,
      oneDevicePerSubscriber: raw.one_device_per_subscriber,
    },
    ttl: ttlOf(raw),
    dedup: {
      explicitMs: raw.dedup.push_id_window_seconds * SECOND_MS,
      implicitMs: raw.dedup.window_seconds * SECOND_MS,
    },
    retry: { call: retryOf(raw.calls.retry), message: retryOf(raw.messages.retry) },
    dialects: { sipwise: { paths: [...new Set([SIPWISE_PATH, ...raw.dialects.sipwise.paths])] } },
    log: { level: raw.log.level },
  };
  const store = storeOf(raw, deps);
  // A gateway that is off on this node needs no certificates here.
  if (!raw.enable) return { enabled: false, listeners: [], auth: { keys: [] }, apps: {}, domains: [], store, ...rest };
  checkStore(raw, store.path, deps);
  return {
    enabled: true,
    listeners: resolveListeners(raw, deps.ngcp, deps),
    auth: { keys: resolveApiKeys(raw.auth, deps) },
    apps: resolveGlobalApps(raw, deps),
    domains: resolveDomains(raw, deps),
    store,
    ...rest,
  };
}

function ttlOf({ calls, messages }: RawConfig): Config["ttl"] {
  const message = messages.ttl_seconds * SECOND_MS;
  return { call: calls.ttl_seconds * SECOND_MS, message, invite: message, groupchat: message };
}

function retryOf({ base_ms, cap_ms, max_attempts }: RawConfig["calls"]["retry"]): RetryPolicy {
  return { baseMs: base_ms, capMs: cap_ms, maxAttempts: max_attempts };
}

function storeOf({ store }: RawConfig, { files }: ResolveDeps): Config["store"] {
  const { kind, path = DATABASE, durability, retention_hours: hours, max_pending: maxPending } = store;
  const maxPendingBytes = store.max_pending_mb * MEGABYTE;
  return { kind, path: files.resolve(path), durability, retentionMs: hours * HOUR_MS, maxPending, maxPendingBytes };
}

function checkStore(raw: RawConfig, path: string, { report, directoryExists }: ResolveDeps): void {
  const directory = dirname(path);
  if (directoryExists(directory)) return;
  const message = `there is no directory ${directory} for the database`;
  report.error(raw.store, "path", { message, mend: `run: mkdir -p ${directory}, or correct the path` });
}
