/**
 * The time limit of one attempt. `signal` aborts with `stop`'s reason as soon as that aborts, or with a TimeoutError
 * after `ms`. Dispose it when the attempt has ended: unlike `AbortSignal.timeout`, no timer then outlives a push that
 * went well.
 */
export class AttemptTimer implements Disposable {
  readonly #controller = new AbortController();
  readonly #stop: AbortSignal;
  readonly #timer: NodeJS.Timeout;
  #isTimedOut = false;

  constructor(ms: number, stop: AbortSignal) {
    this.#stop = stop;
    this.#timer = setTimeout(this.#expire, ms);
    if (stop.aborted) this.#follow();
    else stop.addEventListener("abort", this.#follow, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** True if the time was up before `stop` aborted. */
  get isTimedOut(): boolean {
    return this.#isTimedOut;
  }

  readonly #expire = (): void => {
    this.#isTimedOut = !this.signal.aborted;
    this.#controller.abort(new DOMException("The attempt's time is up.", "TimeoutError"));
  };

  readonly #follow = (): void => {
    this.#controller.abort(this.#stop.reason);
  };

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#stop.removeEventListener("abort", this.#follow);
  }
}
