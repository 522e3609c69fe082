import type { Config } from "../config/config.ts";
import { createAlarms, type Alarms } from "../gateway/alarms.ts";
import type { Dialect } from "../gateway/dialect.ts";
import type { GatewayEvents } from "../gateway/gateway-events.ts";
import { createGatewayEvents } from "../telemetry/events.ts";
import { createLogSink } from "../telemetry/log-sink.ts";
import { createLogger, type Logger } from "../telemetry/logger.ts";
import { createMetrics, type Metrics } from "../telemetry/metrics.ts";

export interface TelemetryDeps {
  readonly config: Pick<Config, "log">;
  readonly version: string;
  readonly dialects: readonly Pick<Dialect, "name">[];
  /** Destination of log lines; standard output by default. */
  readonly log?: { write(line: string): void };
  /** Number of the worker process; undefined if there is only one process. */
  readonly worker?: number | undefined;
}

export interface Telemetry extends AsyncDisposable {
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly events: GatewayEvents;
  readonly alarms: Alarms;
}

/** `dialect` labels for requests and pushes outside any dialect. */
const OWN_SOURCES = ["v1", "http", "replay", "wake"];

/** Opens log, metrics and alarms. */
export function openTelemetry({ config, version, dialects, log, worker }: TelemetryDeps): Telemetry {
  const metrics = createMetrics({ version, dialects: [...dialects.map(({ name }) => name), ...OWN_SOURCES] });
  const onDropped = (lines: number): void => metrics.count("logLinesDropped", {}, lines);
  const sink = log === undefined ? createLogSink({ fd: 1, isShared: worker !== undefined, onDropped }) : undefined;
  const logger = createLogger({ level: config.log.level, destination: log ?? sink ?? process.stdout, worker });
  const events = createGatewayEvents({ logger, metrics });
  return {
    metrics,
    logger,
    events,
    alarms: createAlarms({ events, clock: Date.now }),
    [Symbol.asyncDispose]: async () => sink?.[Symbol.asyncDispose](),
  };
}
