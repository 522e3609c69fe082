import type { PrimaryTelemetry } from "../app/primary-telemetry.ts";
import type { Sleep } from "../gateway/sleep.ts";
import type { MetricsSnapshot } from "./messages.ts";

/** Time limit for a worker's metrics. */
const ANSWER_MS = 1_000;

export interface MetricsAggregatorDeps {
  readonly metrics: PrimaryTelemetry["metrics"];
  readonly sleep: Sleep;
  readonly ask: (worker: number, request: number) => void;
}

interface Gathering {
  readonly present: Set<number>;
  readonly missing: Set<number>;
  readonly complete: AbortController;
}

/** Gathers the metrics of all workers into one page, without waiting for slow or lost ones. */
export class MetricsAggregator {
  readonly #deps: MetricsAggregatorDeps;
  readonly #gatherings = new Map<number, Gathering>();
  #requests = 0;

  constructor(deps: MetricsAggregatorDeps) {
    this.#deps = deps;
  }

  async render(workers: readonly number[]): Promise<string> {
    const { metrics, sleep, ask } = this.#deps;
    const request = (this.#requests += 1);
    const gathering = { present: new Set<number>(), missing: new Set(workers), complete: new AbortController() };
    this.#gatherings.set(request, gathering);
    for (const worker of workers) ask(worker, request);
    await sleep(ANSWER_MS, gathering.complete.signal);
    this.#gatherings.delete(request);
    return metrics.render(gathering.present);
  }

  measured(worker: number, request: number, snapshot: MetricsSnapshot): void {
    this.#deps.metrics.put(worker, snapshot);
    const gathering = this.#gatherings.get(request);
    if (gathering === undefined) return;
    gathering.present.add(worker);
    settle(gathering, worker);
  }

  ended(worker: number): void {
    this.#deps.metrics.retire(worker);
    for (const gathering of this.#gatherings.values()) {
      gathering.present.delete(worker);
      settle(gathering, worker);
    }
  }
}

function settle({ missing, complete }: Gathering, worker: number): void {
  missing.delete(worker);
  if (missing.size === 0) complete.abort();
}
