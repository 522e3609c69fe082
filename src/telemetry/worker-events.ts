import type { Logger } from "./logger.ts";
import type { Metrics } from "./metrics.ts";

/** Events of the worker processes. Each one is a log line and updates the metrics that it concerns. */
export interface WorkerEvents {
  workerStarted(worker: number, pid: number): void;
  /** The worker ended unexpectedly; a new one starts after `restartInMs`. */
  workerEnded(worker: number, how: string, restartInMs: number): void;
  /** The worker did not stop in time. */
  workerKilled(worker: number): void;
  /** Workers end as soon as they have started. */
  gaveUp(why: string): void;
  stopping(signal: string): void;
  /** A new configuration is in force. */
  configTaken(): void;
}

export interface WorkerEventsDeps {
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, "count" | "setConfigReload">;
}

export function createWorkerEvents({ logger, metrics }: WorkerEventsDeps): WorkerEvents {
  return {
    workerStarted: (worker, pid) => logger.info("worker started", { worker, pid }),
    workerEnded(worker, how, restartInMs) {
      logger.error("worker ended unasked, and another one takes its place", {
        worker,
        reason: how,
        retry_in_ms: restartInMs,
      });
      metrics.count("workersEnded", {});
    },
    workerKilled: (worker) => logger.error("worker did not stop in time, and was killed", { worker }),
    gaveUp: (why) => logger.error("gave up: workers end as soon as they have started", { reason: why }),
    stopping: (signal) => logger.info("stopping all workers", { signal }),
    // Each worker logs that itself.
    configTaken: () => metrics.setConfigReload(true),
  };
}
