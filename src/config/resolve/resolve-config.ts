import type { RetryPolicy } from "../../push/retry.ts";
import type { Config } from "../config.ts";
import { ConfigSchema, REGISTRATION, type RawConfig } from "../schema/config-schema.ts";
import { resolveSettings, SECOND_MS } from "../schema/target.ts";
import { resolveApiKeys } from "./api-keys.ts";
import { quote } from "../problem.ts";
import { readSecureUrl } from "./hosts.ts";
import { resolveDialects } from "./dialects.ts";
import { resolveDomains, resolveGlobalApps } from "./domains.ts";
import { resolveListeners } from "./listeners.ts";
import { resolveChecklist } from "./checklist.ts";
import { resolveLauncher } from "./launcher.ts";
import type { StoreFolderDeps } from "./sqlite-path.ts";
import { resolveStore } from "./store.ts";
import { resolveTrustedProxies } from "./trusted-proxies.ts";
import { compact } from "../../push/compact.ts";

export interface ResolveDeps extends StoreFolderDeps {
  /** True if the settings are from an NGCP file. */
  readonly ngcp: boolean;
}

/** Sections without anything to check across settings. */
const { processes, subscribers, dedup, limits, log } = ConfigSchema.properties;
const PLAIN = { processes, subscribers, dedup, limits, log };

/**
 * Checks what a single setting cannot show, and reads the files named by settings. The result is complete if nothing
 * was reported.
 */
export function resolveConfig(raw: RawConfig, deps: ResolveDeps): Config {
  const rest = {
    ...resolveSettings(PLAIN, raw),
    registration: resolveSettings(REGISTRATION, raw),
    ttl: ttlOf(raw),
    bindings: resolveBindings(raw),
    calls: resolveCalls(raw, deps),
    retry: { call: retryOf(raw.calls.retry), message: retryOf(raw.messages.retry) },
    dialects: resolveDialects(raw.dialects, deps.report),
    trustedProxies: resolveTrustedProxies(raw, deps.report),
    checklist: resolveChecklist(raw, deps),
  };
  const store = resolveStore(raw, deps);
  // A gateway that is disabled on this node needs no certificates here.
  if (!raw.enable) return { enabled: false, listeners: [], auth: { keys: [] }, apps: {}, domains: [], store, ...rest };
  const launcher = resolveLauncher(raw, deps);
  return compact({
    enabled: true,
    listeners: resolveListeners(raw, deps.ngcp, deps),
    auth: { keys: resolveApiKeys(raw.auth, deps) },
    apps: resolveGlobalApps(raw, deps),
    domains: resolveDomains(raw, deps),
    launcher,
    store,
    ...rest,
  });
}

function ttlOf({ calls, messages }: RawConfig): Config["ttl"] {
  const message = messages.ttl_seconds * SECOND_MS;
  return { call: calls.ttl_seconds * SECOND_MS, message, invite: message, groupchat: message };
}

function resolveBindings({ registrations }: RawConfig): Config["bindings"] {
  if (!registrations.refresh_wakes) return {};
  return { wakeLeadMs: registrations.refresh_lead_seconds * SECOND_MS };
}

function resolveCalls({ calls }: RawConfig, { report }: ResolveDeps): Config["calls"] {
  if (calls.public_url === undefined) return {};
  const url = readSecureUrl(calls.public_url);
  if (url?.pathname === "/" && url.search === "") return { publicUrl: url.origin };
  report.error(calls, "public_url", {
    message: "expected an https URL without a path",
    found: quote(calls.public_url),
    mend: "write e.g. public_url: https://push.example.org:45060",
  });
  return {};
}

function retryOf({ base_ms, cap_ms, max_attempts, ...busy }: RawConfig["calls"]["retry"]): RetryPolicy {
  const busyMs = { apns: busy.apns_busy_ms, fcm: busy.fcm_busy_ms, gcm: busy.fcm_busy_ms };
  const pauses = { baseMs: base_ms, capMs: cap_ms, busyMs };
  return max_attempts === undefined ? pauses : { ...pauses, maxAttempts: max_attempts };
}
