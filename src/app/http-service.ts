import type { Config } from "../config/config.ts";
import { readContacts } from "../dialects/contact.ts";
import { createDeadLetterService } from "../gateway/accept/dead-letters.ts";
import type { Dialect } from "../gateway/dialect.ts";
import { createPreferenceService } from "../gateway/subscribers/preferences.ts";
import { createTakeRegister } from "../gateway/subscribers/relayed-registers.ts";
import type { HttpDeps } from "../http/http-deps.ts";
import { compact } from "../push/compact.ts";
import { foldSubscribers } from "./fold-subscribers.ts";
import { following } from "./following.ts";
import type { Engine } from "./open-engine.ts";
import type { Stores } from "./open-stores.ts";
import type { Telemetry } from "./open-telemetry.ts";
import { listPlugins } from "./plugins.ts";
import { createPushService } from "./push-service.ts";

export interface HttpServiceDeps {
  readonly config: Config;
  readonly dialects: readonly Dialect[];
  readonly stores: Stores;
  readonly telemetry: Telemetry;
  readonly engine: Engine;
  readonly overload: HttpDeps["overload"] | undefined;
  readonly readiness: HttpDeps["readiness"];
  readonly renderMetrics: () => Promise<string>;
  readonly closeNoticeMs: number;
}

/**
 * A stop takes at most ten seconds: listeners first (up to four notices, then the grace for answers in progress), then
 * attempts, then a second for connections to providers.
 */
const CLOSE_GRACE_MS = 2_500;

/** Returns what the listeners serve. All of it follows the configuration in force. */
export function buildHttpService(deps: HttpServiceDeps): HttpDeps {
  const { config, dialects, stores, telemetry, engine, overload, readiness, closeNoticeMs } = deps;
  const { metrics, events } = telemetry;
  const { settings, deliverer, room, wakes, ends } = engine;
  const { pushes: store, calls: book, clock } = stores;
  const current = () => settings.current;
  const useCases = {
    ...following(current, "acceptPush", "listPushServices"),
    registrations: following(() => current().registrations, "register", "unregister", "list"),
  };
  const service = compact({
    ...useCases,
    apiKeys: () => current().apiKeys,
    maxDataMembers: () => current().maxDataMembers,
    takeRegister: createTakeRegister({ ...useCases, readContacts, calls: room.calls, wakes, events, clock }),
    dialects,
    pushes: createPushService({ stores, events, deliverer, ends }),
    calls: room.calls,
    clock,
    deadLetters: createDeadLetterService({ ...useCases, store, book, events, clock }),
    preferences: createPreferenceService({ preferences: stores.preferences, events }),
    events,
    trustedProxies: config.trustedProxies,
    connectionsWithoutKey: config.limits.connectionsWithoutKey,
    overload,
    plugins: listPlugins(config, {
      events,
      clock: Date.now,
      launchApps: () => current().launchApps,
      signUpService: () => current().signUpService,
    }),
    readiness,
    closeNoticeMs,
    closeGraceMs: CLOSE_GRACE_MS,
    metrics: async () => ({ contentType: metrics.contentType, body: await deps.renderMetrics() }),
  });
  return foldSubscribers(service, () => current().foldCase);
}
