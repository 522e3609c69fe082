import type { PrimaryTelemetry } from "../app/primary-telemetry.ts";
import type { Config } from "../config/config.ts";
import type { CredentialFault } from "../config/credentials/file-record.ts";
import type { Clock } from "../gateway/clock.ts";
import type { Sleep } from "../gateway/sleep.ts";
import { MetricsAggregator } from "./metrics-aggregator.ts";
import type { ForkWorker } from "./worker-process.ts";
import { WorkerSlot, type WorkerObserver } from "./worker-slot.ts";

export interface WorkersDeps {
  readonly config: Config;
  /** Credentials that cannot be used from the start. */
  readonly faults: readonly CredentialFault[];
  readonly telemetry: Pick<PrimaryTelemetry, "events" | "metrics">;
  readonly fork: ForkWorker;
  readonly clock: Clock;
  readonly sleep: Sleep;
}

export interface Failure {
  readonly why: string;
  /** True if a worker had served before. */
  readonly hasServed: boolean;
}

/** Longer than a gateway takes to stop by itself, because it cuts its connections and attempts earlier. */
const STOP_LIMIT_MS = 20_000;

/** Keeps the configured number of workers running. */
export class Workers {
  readonly #deps: WorkersDeps;
  readonly #slots: readonly WorkerSlot[];
  readonly #desk: MetricsAggregator;
  readonly #failed = Promise.withResolvers<Failure>();
  #reloaded: Config | undefined;
  #faults: readonly CredentialFault[];
  #hasServed = false;
  #isStopping = false;

  constructor(deps: WorkersDeps) {
    const { config, telemetry, sleep } = deps;
    this.#deps = deps;
    this.#faults = deps.faults;
    this.#slots = Array.from({ length: config.processes }, (_, index) => this.#createSlot(index + 1));
    this.#desk = new MetricsAggregator({
      metrics: telemetry.metrics,
      sleep,
      ask: (worker, request) => this.#slots[worker - 1]?.tell({ type: "measure", request }),
    });
  }

  /** Resolves if workers keep ending and none serves. */
  get failed(): Promise<Failure> {
    return this.#failed.promise;
  }

  /** Starts the first worker, and the others once it serves, so that a common fault is reported once. */
  start(): void {
    this.#slots[0]?.start();
  }

  reload(config: Config): void {
    this.#reloaded = config;
    for (const slot of this.#slots) slot.tell({ type: "reload", config });
  }

  renew(config: Config, files: readonly string[], warnings: readonly string[]): void {
    this.#reloaded = config;
    for (const slot of this.#slots) slot.tell({ type: "renew", config, files, warnings });
  }

  noteFaults(faults: readonly CredentialFault[]): void {
    this.#faults = faults;
    for (const slot of this.#slots) slot.tell({ type: "faults", faults });
  }

  /** Returns false if a worker had to be killed. */
  async stop(signal: string): Promise<boolean> {
    this.#isStopping = true;
    const stopped = await Promise.all(this.#slots.map((slot) => slot.stop(signal, STOP_LIMIT_MS)));
    return stopped.every(Boolean);
  }

  /** Kills all workers at once. */
  kill(): void {
    for (const slot of this.#slots) slot.kill();
  }

  #createSlot(number: number): WorkerSlot {
    const { config, fork, clock, sleep } = this.#deps;
    return new WorkerSlot({
      number,
      fork,
      clock,
      sleep,
      buildStart: () => ({ type: "start", config, reloaded: this.#reloaded, faults: this.#faults }),
      readSituation: () => ({
        hasServed: this.#hasServed,
        isAnotherSettled: this.#slots.some((slot) => slot.number !== number && slot.isSettled),
      }),
      observer: this.#createObserver(number),
    });
  }

  #createObserver(number: number): WorkerObserver {
    const { events } = this.#deps.telemetry;
    return {
      started: (pid) => events.workerStarted(number, pid),
      serving: () => this.#startOthers(number),
      measured: (request, snapshot) => this.#desk.measured(number, request, snapshot),
      wantsMetrics: (request) => void this.#answerMetrics(number, request),
      ended: () => this.#desk.ended(number),
      endedUnasked: (how, restartInMs) => events.workerEnded(number, how, restartInMs),
      gaveUp: (why) => this.#failed.resolve({ why, hasServed: this.#hasServed }),
      killed: () => events.workerKilled(number),
    };
  }

  #startOthers(first: number): void {
    if (this.#hasServed) return;
    this.#hasServed = true;
    if (this.#isStopping) return;
    for (const slot of this.#slots) if (slot.number !== first) slot.start();
  }

  async #answerMetrics(worker: number, request: number): Promise<void> {
    try {
      const serving = this.#slots.filter(({ isServing }) => isServing);
      const page = await this.#desk.render(serving.map(({ number }) => number));
      this.#slots[worker - 1]?.tell({ type: "metrics", request, page });
    } catch (error) {
      // The worker that asked tells its client that there is no answer.
      this.#deps.telemetry.events.unexpected("merge the metrics of the workers", error);
    }
  }
}
