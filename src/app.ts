import { followConfig, listListeners, type ConfigChanges } from "./app/config-changes.ts";
import { updateCredentialAlarms } from "./app/credential-alarms.ts";
import { listDialects } from "./app/dialects.ts";
import { buildHttpService } from "./app/http-service.ts";
import { openEngine, type EngineDeps } from "./app/open-engine.ts";
import { openStores } from "./app/open-stores.ts";
import { openTelemetry } from "./app/open-telemetry.ts";
import { watchOverload } from "./app/overload.ts";
import { readReadiness, STOPPING } from "./app/readiness.ts";
import { watchEventLoop } from "./app/watch-event-loop.ts";
import { watchStore } from "./app/watch-store.ts";
import type { Config } from "./config/config.ts";
import { sleep } from "./gateway/sleep.ts";
import { startListeners } from "./http/listen.ts";
import { compact } from "./push/compact.ts";
import type { MetricsSnapshot } from "./telemetry/merged-metrics.ts";

export interface GatewayDeps {
  readonly config: Config;
  readonly version: string;
  /** Destination of log lines; standard output by default. */
  readonly log?: { write(line: string): void };
  readonly worker?: WorkerPlace;
  /** How long a stopping gateway still accepts connections; half a second by default. */
  readonly closeNoticeMs?: number;
  readonly slots?: EngineDeps["slots"];
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

const CLOSE_NOTICE_MS = 500;

/** Builds the gateway from its configuration and starts it. Disposing it stops the parts in reverse order. */
export async function startGateway(deps: GatewayDeps): Promise<Gateway> {
  const { config, version, worker, slots, log, closeNoticeMs = CLOSE_NOTICE_MS } = deps;
  await using started = new AsyncDisposableStack();
  const clock = Date.now;

  const dialects = listDialects(config.dialects);
  const telemetry = started.use(openTelemetry(compact({ config, version, dialects, log, worker: worker?.number })));
  const { metrics, logger, events, alarms } = telemetry;
  const stores = started.use(await openStores(config.store, { clock, version, mayUpgrade: true }));
  const storeWatch = started.use(watchStore({ stores, alarms, events, sleep }));
  started.use(watchEventLoop({ alarms }));

  const engine = openEngine({ config, stores, telemetry, slots }, started);

  let isStopping = false;
  const overload = started.use(watchOverload({ config, alarms, events }));
  const service = buildHttpService({
    config,
    dialects,
    stores,
    telemetry,
    engine,
    overload,
    readiness: async () => (isStopping ? STOPPING : readReadiness({ stores, storeWatch, alarms })),
    renderMetrics: worker?.renderMetrics ?? (() => metrics.render()),
    closeNoticeMs,
  });
  const listeners = started.use(await startListeners(listListeners(config), service));
  const credentials = started.use(updateCredentialAlarms({ config, alarms, metrics, clock, sleep }));
  const urls = listeners.addresses.map(({ url }) => url);
  for (const url of urls) logger.info("listening", { listen: url, version });

  const running = started.move();
  return {
    urls,
    ...followConfig({ config, settings: engine.settings, listeners, credentials, stores, events }),
    snapshotMetrics: () => metrics.snapshot(),
    noteStop(signal) {
      isStopping = true;
      logger.info("stopping: pushes under way are finished or kept", { signal });
    },
    async [Symbol.asyncDispose]() {
      // Ends all waits first, because the listeners wait for their answers.
      await Promise.all([engine.room[Symbol.asyncDispose](), engine.ends[Symbol.asyncDispose]()]);
      await running.disposeAsync();
    },
  };
}
