import type { Config } from "../config/config.ts";
import type { GatewayEvents } from "../gateway/gateway-events.ts";
import { createGatewayEvents } from "../telemetry/events.ts";
import { createLogSink } from "../telemetry/log-sink.ts";
import { createLogger } from "../telemetry/logger.ts";
import { createMergedMetrics, type MergedMetrics } from "../telemetry/merged-metrics.ts";
import { createMetrics } from "../telemetry/metrics.ts";
import { createWorkerEvents, type WorkerEvents } from "../telemetry/worker-events.ts";

/** Log and metrics of the primary process. */
export interface PrimaryTelemetry extends AsyncDisposable {
  readonly events: WorkerEvents & Pick<GatewayEvents, "configRefused" | "unexpected">;
  /** Metrics of the workers. Their page includes those of this process. */
  readonly metrics: MergedMetrics;
}

export interface PrimaryTelemetryDeps {
  readonly config: Config;
  readonly version: string;
}

export function openPrimaryTelemetry({ config, version }: PrimaryTelemetryDeps): PrimaryTelemetry {
  const own = createMetrics({ version, dialects: [] });
  const onDropped = (lines: number): void => own.count("logLinesDropped", {}, lines);
  const sink = createLogSink({ fd: 1, isShared: true, onDropped });
  const logger = createLogger({ level: config.log.level, destination: sink });
  const gatewayEvents = createGatewayEvents({ logger, metrics: own });
  const merged = createMergedMetrics();
  return {
    events: {
      ...createWorkerEvents({ logger, metrics: own }),
      configRefused: (why) => gatewayEvents.configRefused(why),
      unexpected: (what, error) => gatewayEvents.unexpected(what, error),
    },
    metrics: {
      ...merged,
      async render(present) {
        merged.put("primary", await own.snapshot());
        return merged.render(new Set([...present, "primary"]));
      },
    },
    [Symbol.asyncDispose]: () => sink[Symbol.asyncDispose](),
  };
}
