import { v7 as uuidv7 } from "uuid";
import type { Config, ListenerConfig } from "./config/config.ts";
import { createSipwiseDialect } from "./dialects/sipwise/dialect.ts";
import { createAcceptPush, type AcceptPush } from "./gateway/accept-push.ts";
import { createAttemptDelivery } from "./gateway/attempt-delivery.ts";
import { callStore } from "./gateway/call-store.ts";
import { createCancelPush } from "./gateway/cancel-push.ts";
import { createDeliverPush } from "./gateway/deliver-push.ts";
import { Deliverer } from "./gateway/deliverer.ts";
import type { GatewayEvents } from "./gateway/gateway-events.ts";
import { createPreferenceDesk } from "./gateway/preferences.ts";
import type { FindProvider } from "./gateway/push-provider.ts";
import { createRegistrations } from "./gateway/registrations.ts";
import { sleep } from "./gateway/sleep.ts";
import { tendStore } from "./gateway/tend-store.ts";
import { buildApiKey } from "./http/auth.ts";
import type { PushDesk, Readiness } from "./http/http-deps.ts";
import { startListeners, type Listener } from "./http/listen.ts";
import { createProviderDirectory } from "./providers/directory.ts";
import { openSqliteStores, type SqliteStores } from "./stores/sqlite/sqlite-stores.ts";
import { createGatewayEvents } from "./telemetry/events.ts";
import { createLogSink } from "./telemetry/log-sink.ts";
import { createLogger } from "./telemetry/logger.ts";
import { createMetrics, type CredentialExpiry } from "./telemetry/metrics.ts";

export interface GatewayDeps {
  readonly config: Config;
  readonly version: string;
  /** Where log lines go; standard output unless said otherwise. */
  readonly log?: { write(line: string): void };
}

export interface Gateway extends AsyncDisposable {
  /** Where it listens, e.g. `https://127.0.0.1:45060`. */
  readonly urls: readonly string[];
  /** Writes to the log why it is about to be stopped. */
  noteStop(signal: string): void;
}

const clock = Date.now;
/** What refusals and pushes are counted under that come through no dialect. */
const HTTP_DOORS = ["v1", "http"];
/** Short, so that a dead gateway's pushes are soon taken over; renewed while a push is worked on. */
const LEASE_MS = 4_000;
const LIMITS = { leaseMs: LEASE_MS, concurrency: 2_000, pollMs: 1_000, graceMs: 6_000 };
/** A retry nearer than this is waited for with the lease in hand. */
const HOLD_MS = 5_000;

/** Builds the gateway from its configuration and starts it. Disposal stops it in the reverse order. */
export async function startGateway({ config, version, log }: GatewayDeps): Promise<Gateway> {
  await using started = new AsyncDisposableStack();
  const dialects = [createSipwiseDialect({ paths: config.dialects.sipwise.paths })];
  const metrics = createMetrics({ version, dialects: [...dialects.map(({ name }) => name), ...HTTP_DOORS] });
  const onDropped = (lines: number): void => metrics.count("logLinesDropped", {}, lines);
  const destination = log ?? started.use(createLogSink({ fd: 1, onDropped }));
  const logger = createLogger({ level: config.log.level, destination });
  const events = createGatewayEvents({ logger, metrics });

  const { path, durability, retentionMs } = config.store;
  const stores = openSqliteStores({ path, durability, clock });
  started.use(stores);
  metrics.watchQueue(() => stores.pushes.depth());
  metrics.setCredentialExpiries(listCredentialExpiries(config));
  started.use(tendStore({ store: stores.pushes, events, sleep, retentionMs }));

  const providers = createProviderDirectory(config, { clock });
  started.use(providers);
  const deliverer = createDeliverer(config, stores, events, providers.find);
  started.use(deliverer);
  deliverer.start();

  const apiKeys = config.auth.keys.map(({ name, key }) => buildApiKey(name, key));
  const listeners = await startListeners(config.listeners.map(toListener), {
    dialects,
    acceptPush: createAccept(config, stores, events, deliverer),
    pushes: createPushDesk(stores, events, deliverer),
    registrations: createRegistrations({ devices: stores.devices, events, clock, rules: config.registration }),
    preferences: createPreferenceDesk({ preferences: stores.preferences, events }),
    events,
    apiKeys: () => apiKeys,
    readiness: () => readReadiness(stores),
    metrics: async () => ({ contentType: metrics.contentType, body: await metrics.render() }),
  });
  started.use(listeners);
  const urls = listeners.addresses.map(({ url }) => url);
  for (const url of urls) logger.info("listening", { listen: url, version });
  const running = started.move();
  return {
    urls,
    noteStop: (signal) => logger.info("stopping: pushes under way are finished or kept", { signal }),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

function createDeliverer(
  { retry }: Config,
  { pushes: store, devices }: SqliteStores,
  events: GatewayEvents,
  findProvider: FindProvider,
): Deliverer {
  const attempt = createAttemptDelivery({ findProvider, devices, events, clock, random: Math.random, retry });
  const deliverPush = createDeliverPush({ store, events, clock, sleep, attempt, holdMs: HOLD_MS });
  return new Deliverer({ store, deliverPush, events, clock, sleep, limits: LIMITS });
}

function createAccept(
  { domains, dedup, ttl }: Config,
  { pushes: store }: SqliteStores,
  events: GatewayEvents,
  deliverer: Deliverer,
): AcceptPush {
  const disabled = new Set(domains.flatMap(({ domain, enabled }) => (enabled ? [] : [domain])));
  return createAcceptPush({
    store,
    deliver: (lease) => deliverer.deliver(lease),
    events,
    isDomainEnabled: (domain) => !disabled.has(domain),
    // Ids that rise with time keep the store's writes together.
    newId: () => uuidv7(),
    dedup,
    ttl,
    leaseMs: LEASE_MS,
  });
}

function createPushDesk({ pushes: store }: SqliteStores, events: GatewayEvents, deliverer: Deliverer): PushDesk {
  return {
    get: (id) => callStore(events, "look a push up", () => store.get(id)),
    cancel: createCancelPush({ store, abandon: (id) => deliverer.abandon(id), events }),
  };
}

function toListener({ host, port, tls, loopback }: ListenerConfig): Listener {
  return { host, port, requireKey: !loopback, ...(tls === undefined ? {} : { tls }) };
}

async function readReadiness({ pushes }: SqliteStores): Promise<Readiness> {
  try {
    const { pending } = await pushes.depth();
    return { ready: true, checks: { store: `ok, ${pending} pending` } };
  } catch (error) {
    return { ready: false, checks: { store: error instanceof Error ? error.message : String(error) } };
  }
}

function listCredentialExpiries({ apps, domains }: Config): CredentialExpiry[] {
  const owners = [{ name: "global", apps }, ...domains.map(({ domain, apps: own }) => ({ name: domain, apps: own }))];
  return owners.flatMap(({ name, apps: { apns } }) => {
    const certificates = [
      { kind: "apns", credentials: apns?.credentials },
      { kind: "apns_voip", credentials: apns?.voipCredentials },
    ];
    return certificates.flatMap(({ kind, credentials }) =>
      credentials?.kind === "certificate" ? [{ app: name, kind, expiresAt: credentials.expiresAt }] : [],
    );
  });
}
