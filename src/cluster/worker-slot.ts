import type { Clock } from "../gateway/clock.ts";
import type { Sleep } from "../gateway/sleep.ts";
import type { MetricsSnapshot, StartMessage, ToPrimary, ToWorker } from "./messages.ts";
import { decideRestart, SETTLED_MS, type Situation } from "./restart-policy.ts";
import type { ForkWorker, WorkerProcess } from "./worker-process.ts";

export interface WorkerSlotDeps {
  readonly number: number;
  readonly fork: ForkWorker;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly buildStart: () => StartMessage;
  readonly readSituation: () => Situation;
  readonly observer: WorkerObserver;
}

export interface WorkerObserver {
  started(pid: number): void;
  serving(): void;
  measured(request: number, snapshot: MetricsSnapshot): void;
  /** The worker asks for one page with the metrics of all workers. */
  wantsMetrics(request: number): void;
  /** The process has ended, expectedly or not. */
  ended(): void;
  endedUnasked(how: string, restartInMs: number): void;
  gaveUp(why: string): void;
  killed(): void;
}

/** Keeps one worker process running. When it ends, the next one takes its number. */
export class WorkerSlot {
  readonly number: number;
  readonly #deps: WorkerSlotDeps;
  readonly #stopping = new AbortController();
  #process: WorkerProcess | undefined;
  #isServing = false;
  #bornAt = 0;
  #earlyEnds = 0;
  /** Why it could not start, as the worker reported it. */
  #failure: string | undefined;

  constructor(deps: WorkerSlotDeps) {
    this.#deps = deps;
    this.number = deps.number;
  }

  get isServing(): boolean {
    return this.#isServing;
  }

  get isSettled(): boolean {
    return this.#isServing && this.#deps.clock() - this.#bornAt >= SETTLED_MS;
  }

  start(): void {
    const { fork, clock, buildStart, observer } = this.#deps;
    this.#bornAt = clock();
    this.#failure = undefined;
    const process = fork(this.number, (message) => this.#hear(message));
    this.#process = process;
    process.send(buildStart());
    if (process.pid !== undefined) observer.started(process.pid);
    void process.ended.then((how) => this.#end(how));
  }

  /** Dropped if no process runs: the next one starts with the configuration in force. */
  tell(message: ToWorker): void {
    this.#process?.send(message);
  }

  kill(): void {
    this.#process?.kill();
  }

  /** Returns false if it had to be killed. */
  async stop(signal: string, limitMs: number): Promise<boolean> {
    this.#stopping.abort();
    const running = this.#process;
    if (running === undefined) return true;
    running.send({ type: "stop", signal });
    const ended = new AbortController();
    const timeout = this.#deps.sleep(limitMs, ended.signal).then(() => "timeout");
    const isStopped = (await Promise.race([running.ended, timeout])) !== "timeout";
    ended.abort();
    if (isStopped) return true;
    running.kill();
    this.#deps.observer.killed();
    await running.ended;
    return false;
  }

  #hear(message: ToPrimary): void {
    const { observer } = this.#deps;
    switch (message.type) {
      case "serving":
        this.#isServing = true;
        return observer.serving();
      case "failed":
        this.#failure = message.reason;
        return;
      case "measured":
        return observer.measured(message.request, message.snapshot);
      case "render":
        return observer.wantsMetrics(message.request);
    }
  }

  #end(how: string): void {
    const { observer, readSituation, sleep } = this.#deps;
    this.#earlyEnds = this.isSettled ? 0 : this.#earlyEnds + 1;
    this.#process = undefined;
    this.#isServing = false;
    observer.ended();
    const stopping = this.#stopping.signal;
    if (stopping.aborted) return;
    const why = this.#failure ?? `worker ${this.number} ${how}`;
    const restart = decideRestart(this.#earlyEnds, readSituation());
    if (restart.kind === "give up") return observer.gaveUp(why);
    observer.endedUnasked(this.#failure ?? how, restart.afterMs);
    void sleep(restart.afterMs, stopping).then(() => {
      if (!stopping.aborted) this.start();
    });
  }
}
