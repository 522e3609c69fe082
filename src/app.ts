import { openConfigured, type Configured } from "./app/configured.ts";
import { followConfig, listListeners, type ConfigChanges } from "./app/config-changes.ts";
import { updateCredentialAlarms } from "./app/credential-alarms.ts";
import { foldSubscribers } from "./app/fold-subscribers.ts";
import { describeFullQueue } from "./app/describe-full-queue.ts";
import { listDialects } from "./app/dialects.ts";
import { openCalls } from "./app/open-calls.ts";
import { openStores, type Stores } from "./app/open-stores.ts";
import { listPlugins } from "./app/plugins.ts";
import { watchEventLoop } from "./app/watch-event-loop.ts";
import { watchStore, type StoreWatch } from "./app/watch-store.ts";
import { watchOverload } from "./app/overload.ts";
import { createPushService, createPushEnds } from "./app/push-service.ts";
import type { Config } from "./config/config.ts";
import { readContacts } from "./dialects/contact.ts";
import { createAlarms, type Alarms } from "./gateway/alarms.ts";
import { createDeadLetterService } from "./gateway/accept/dead-letters.ts";
import { createDeliverPush, type OnHopeless } from "./gateway/deliver/deliver-push.ts";
import { Deliverer } from "./gateway/deliver/deliverer.ts";
import { BindingWakes } from "./gateway/subscribers/binding-wakes.ts";
import { createTakeRegister } from "./gateway/subscribers/relayed-registers.ts";
import type { GatewayEvents } from "./gateway/gateway-events.ts";
import type { TellPhones } from "./gateway/calls/tell-phones.ts";
import { createPreferenceService } from "./gateway/subscribers/preferences.ts";
import { createSteadyClock } from "./gateway/steady-clock.ts";
import { sleep } from "./gateway/sleep.ts";
import { maintainStore } from "./gateway/maintain-store.ts";
import { UnknownAcceptances } from "./gateway/accept/unknown-acceptances.ts";
import { Quarantine } from "./gateway/deliver/quarantine.ts";
import { DeliverySlots, type DeliverySlotsDeps } from "./gateway/deliver/delivery-slots.ts";
import type { HttpDeps, Readiness } from "./http/http-deps.ts";
import { startListeners } from "./http/listen.ts";
import { createGatewayEvents } from "./telemetry/events.ts";
import { createLogSink } from "./telemetry/log-sink.ts";
import { createLogger, type Logger } from "./telemetry/logger.ts";
import type { MetricsSnapshot } from "./telemetry/merged-metrics.ts";
import { createMetrics, type Metrics } from "./telemetry/metrics.ts";

export interface GatewayDeps {
  readonly config: Config;
  readonly version: string;
  /** Destination of log lines; standard output by default. */
  readonly log?: { write(line: string): void };
  readonly worker?: WorkerPlace;
  /** How long a stopping gateway still accepts connections; half a second by default. */
  readonly closeNoticeMs?: number;
  /** Numbers of slots. */
  readonly slots?: Pick<DeliverySlotsDeps, "inFlight" | "retries">;
}

/** Data of a gateway that is one of several worker processes. */
export interface WorkerPlace {
  /** Counts from 1. Every log line names it. */
  readonly number: number;
  /** Returns the metrics of all workers as one page. */
  readonly renderMetrics: () => Promise<string>;
}

export interface Gateway extends ConfigChanges, AsyncDisposable {
  /** URLs of the listeners, such as `https://127.0.0.1:45060`. */
  readonly urls: readonly string[];
  /** Returns the metrics of this process. */
  snapshotMetrics(): Promise<MetricsSnapshot>;
  /** Logs why the gateway is about to stop. */
  noteStop(signal: string): void;
}

/** This machine's clock, for files, the log and people. */
const localClock = Date.now;
/** Short, so that a dead gateway's pushes are taken over soon. Leases are renewed while a push is worked on. */
const LEASE_MS = 4_000;
const LIMITS = { leaseMs: LEASE_MS, pollMs: 1_000, graceMs: 4_000 };
/** The worker keeps the lease while it waits for a retry nearer than this. */
const HOLD_MS = 5_000;
/** In-flight and retry slots. A single busy app gets three eighths for its calls, and as many for its other pushes. */
const SLOTS = { inFlight: 4_000, retries: 4_000 };
/** `dialect` labels for requests and pushes outside any dialect. */
const HTTP_DOORS = ["v1", "http", "replay", "wake"];

/**
 * A stop takes at most ten seconds: listeners first (up to four notices, then the grace for answers in progress), then
 * attempts (`graceMs`), then a second for connections to providers.
 */
const CLOSE_NOTICE_MS = 500;
const CLOSE_GRACE_MS = 2_500;
const STOPPING = Promise.resolve({ ready: false, checks: { gateway: "stopping" } });

/** Builds everything that accepts and delivers pushes, without listeners. */
async function openEngine(deps: GatewayDeps, started: AsyncDisposableStack) {
  const { config, version } = deps;
  const dialects = listDialects(config.dialects);
  const metrics = createMetrics({ version, dialects: [...dialects.map(({ name }) => name), ...HTTP_DOORS] });
  const logger = openLog(deps, metrics, started);
  const events = createGatewayEvents({ logger, metrics });
  const alarms = createAlarms({ events, clock: localClock });

  const { retentionMs } = config.store;
  const stores = started.use(await openStores(config.store, { clock: localClock, version, mayUpgrade: true }));
  const { pushes: store, devices, clock } = stores;
  const steady = createSteadyClock();
  const storeWatch = started.use(watchStore({ stores, alarms, events, sleep }));
  started.use(watchEventLoop({ alarms }));
  metrics.watchQueue(() => store.depth());
  metrics.watchQueueUse(() => store.use());

  const ends = started.use(createPushEnds(store));
  const noteUnknown = (...args: Parameters<UnknownAcceptances["note"]>) => unknown.note(...args);
  const configured = { store, devices, events, alarms, clock, steady, sleep, leaseMs: LEASE_MS, deliver, noteUnknown };
  const settings = started.use(openConfigured(config, configured));
  const longestPauseMs = () => settings.current.longestPauseMs;
  const longestPauses = () => ({ leaseMs: LEASE_MS, retryMs: longestPauseMs() });
  started.use(maintainStore({ store, calls: stores.calls, events, sleep, retentionMs, longestPauses }));
  const attempt = (...args: Parameters<typeof settings.current.attempt>) => settings.current.attempt(...args);
  const onHopeless: OnHopeless = (...args) => room.giveUpCall(...args);
  const slots = new DeliverySlots({ ...(deps.slots ?? SLOTS), findProvider: settings.findProvider, clock });
  const delivery = { store, events, clock, steady, sleep, slots, onEnded: (id: string) => ends.wake(id) };
  const quarantine = new Quarantine({ store, events });
  const deliverPush = createDeliverPush({
    ...delivery,
    attempt,
    onHopeless,
    holdMs: HOLD_MS,
    longestPauseMs,
    quarantine,
  });
  const deliverer = started.use(new Deliverer({ ...delivery, deliverPush, limits: LIMITS }));
  const unknown = started.use(new UnknownAcceptances({ ...delivery, deliver, leaseMs: LEASE_MS }));
  const abandon = (pushId: string): void => deliverer.abandon(pushId);
  const tellPhones: TellPhones = (...args) => settings.current.tellPhones(...args);
  const room = started.use(openCalls({ stores, abandon, tellPhones, events, clock, sleep }));
  metrics.watchWaits(() => room.waits.size);
  metrics.watchPushWaits(() => ends.size);
  const acceptPush = (...args: Parameters<typeof settings.current.acceptPush>) => settings.current.acceptPush(...args);
  const leadMs = () => settings.current.wakeLeadMs;
  const wakes = started.use(new BindingWakes({ book: stores.wakes, acceptPush, events, sleep, leadMs }));
  deliverer.start();
  function deliver(...args: Parameters<Deliverer["deliver"]>): void {
    deliverer.deliver(...args);
  }
  return { dialects, metrics, logger, events, alarms, stores, storeWatch, settings, deliverer, room, wakes, ends };
}

/** Builds the gateway from its configuration and starts it. Disposing it stops the parts in reverse order. */
export async function startGateway(deps: GatewayDeps): Promise<Gateway> {
  const { config, version, worker, closeNoticeMs = CLOSE_NOTICE_MS } = deps;
  await using started = new AsyncDisposableStack();
  const engine = await openEngine(deps, started);
  const { dialects, metrics, logger, events, alarms, stores, storeWatch, settings, deliverer, room, wakes, ends } =
    engine;

  const { pushes: store, calls: book, clock } = stores;
  const useCases = connectSettings(settings);
  const learning = { ...useCases, readContacts, calls: room.calls, wakes, events, clock };
  let isStopping = false;
  const overload = started.use(watchOverload({ config, alarms, events }));
  const listeners = started.use(
    await startListeners(
      listListeners(config),
      foldSubscribers(
        {
          ...useCases,
          takeRegister: createTakeRegister(learning),
          dialects,
          pushes: createPushService({ stores, events, deliverer, ends }),
          calls: room.calls,
          clock,
          deadLetters: createDeadLetterService({ ...useCases, store, book, events, clock }),
          preferences: createPreferenceService({ preferences: stores.preferences, events }),
          events,
          trustedProxies: config.trustedProxies,
          connectionsWithoutKey: config.limits.connectionsWithoutKey,
          ...(overload === undefined ? {} : { overload }),
          plugins: connectPlugins(config, events, settings),
          readiness: () => (isStopping ? STOPPING : readReadiness({ stores, storeWatch, alarms })),
          closeNoticeMs,
          closeGraceMs: CLOSE_GRACE_MS,
          metrics: async () => ({
            contentType: metrics.contentType,
            body: await (worker === undefined ? metrics.render() : worker.renderMetrics()),
          }),
        },
        () => settings.current.foldCase,
      ),
    ),
  );
  const credentials = started.use(updateCredentialAlarms({ config, alarms, metrics, clock: localClock, sleep }));
  const urls = listeners.addresses.map(({ url }) => url);
  for (const url of urls) logger.info("listening", { listen: url, version });
  const running = started.move();
  return {
    urls,
    ...followConfig({ config, settings, listeners, credentials, stores, events }),
    snapshotMetrics: () => metrics.snapshot(),
    noteStop(signal) {
      isStopping = true;
      logger.info("stopping: pushes under way are finished or kept", { signal });
    },
    async [Symbol.asyncDispose]() {
      // Ends all waits first, because the listeners wait for their answers.
      await Promise.all([room[Symbol.asyncDispose](), ends[Symbol.asyncDispose]()]);
      await running.disposeAsync();
    },
  };
}

function openLog({ config, log, worker }: GatewayDeps, metrics: Metrics, started: AsyncDisposableStack): Logger {
  const onDropped = (lines: number): void => metrics.count("logLinesDropped", {}, lines);
  const openSink = () => started.use(createLogSink({ fd: 1, isShared: worker !== undefined, onDropped }));
  return createLogger({ level: config.log.level, destination: log ?? openSink(), worker: worker?.number });
}

/** Pages that always use the configuration in force. */
function connectPlugins(config: Config, events: GatewayEvents, settings: { readonly current: Configured }) {
  return listPlugins(config, {
    events,
    clock: localClock,
    launchApps: () => settings.current.launchApps,
    signUpService: () => settings.current.signUpService,
  });
}

/** Use cases that always use the configuration in force. */
function connectSettings(settings: { readonly current: Configured }) {
  return {
    acceptPush: (...args) => settings.current.acceptPush(...args),
    apiKeys: () => settings.current.apiKeys,
    maxDataMembers: () => settings.current.maxDataMembers,
    registrations: {
      register: (...args) => settings.current.registrations.register(...args),
      unregister: (...args) => settings.current.registrations.unregister(...args),
      list: (subscriber) => settings.current.registrations.list(subscriber),
    },
    listPushServices: (domain) => settings.current.listPushServices(domain),
  } satisfies Pick<HttpDeps, "acceptPush" | "apiKeys" | "maxDataMembers" | "registrations" | "listPushServices">;
}

/**
 * An alarm does not make the gateway unready: it still accepts and delivers everything that the alarm does not concern.
 */
function describeAlarms(alarms: Alarms): Record<string, string> {
  return Object.fromEntries(alarms.list().map(({ kind, app, detail }) => [`${kind} ${app}`, detail]));
}

interface ReadinessDeps {
  readonly stores: Pick<Stores, "pushes">;
  readonly storeWatch: Pick<StoreWatch, "look">;
  readonly alarms: Alarms;
}

async function readReadiness({ stores, storeWatch, alarms }: ReadinessDeps): Promise<Readiness> {
  try {
    const { pending } = await stores.pushes.depth();
    const { problems, degraded } = await storeWatch.look();
    if (problems.length > 0) return { ready: false, checks: { store: problems.join("; "), ...describeAlarms(alarms) } };
    const state = degraded.length === 0 ? "ok" : `degraded: ${degraded.join("; ")}`;
    const checks = { store: `${state}, ${pending} pending`, ...describeFullQueue(await stores.pushes.use()) };
    return { ready: true, degraded: degraded.length > 0, checks: { ...checks, ...describeAlarms(alarms) } };
  } catch (error) {
    return { ready: false, checks: { store: error instanceof Error ? error.message : String(error) } };
  }
}
