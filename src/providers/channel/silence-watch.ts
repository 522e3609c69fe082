export interface SilenceWatchParts {
  /** After this long without an expected answer the connection is pinged. */
  readonly pingAfterMs: number;
  /** Number of PINGs between two requests, and between two answers, that the peer tolerates. */
  readonly maxPings: number;
  readonly pongTimeoutMs: number;
  /** Sends a PING. `onPong` is called if it is answered. */
  readonly ping: (onPong: () => void) => void;
  /** Returns true if requests are in flight. */
  readonly isBusy: () => boolean;
  /** Called when the peer has responded after all. */
  readonly onRelief: () => void;
  /** Called when the peer is gone. */
  readonly onDead: (why: string) => void;
}

/**
 * An attempt that ends unanswered after the whole connection was silent for this long makes the connection doubtful.
 */
const SUSPICIOUS_SILENCE_MS = 750;
/** A connection that was idle for this long may have died unnoticed. */
const LONG_IDLE_MS = 20_000;
/** If no further PING is allowed, a silence this long stops further requests; those in flight continue to wait. */
const LONG_SILENCE_MS = 3_000;

/**
 * Detects that the peer is gone. A half-open connection looks alive for ever, because there is no event: only a PING
 * without an answer shows it, `pingAfterMs + pongTimeoutMs` after the last sign of life or the first request since.
 */
export class SilenceWatch implements Disposable {
  readonly #parts: SilenceWatchParts;
  #lastHeard = performance.now();
  #pingsSinceRequest = 0;
  #pingsSinceAnswer = 0;
  #isQuestioned = false;
  #next: NodeJS.Timeout | undefined;
  #pongTimeout: NodeJS.Timeout | undefined;

  constructor(parts: SilenceWatchParts) {
    this.#parts = parts;
  }

  /** True if the peer may be gone. */
  get isDoubtful(): boolean {
    if (this.#isQuestioned) return true;
    return !this.#mayAsk && this.#parts.isBusy() && performance.now() - this.#lastHeard >= LONG_SILENCE_MS;
  }

  /**
   * True if the connection should be pinged before its next use. Always false if the peer counts PINGs, because none
   * may be wasted on an idle connection.
   */
  get isStale(): boolean {
    const { maxPings, isBusy } = this.#parts;
    return maxPings === Infinity && !isBusy() && performance.now() - this.#lastHeard >= LONG_IDLE_MS;
  }

  /** Call when any part of an answer has arrived. */
  heard(): void {
    this.#lastHeard = performance.now();
    this.#pingsSinceAnswer = 0;
  }

  /** Call when a request was sent; `isFirst` if none was in flight. */
  sent(now: number, isFirst: boolean): void {
    this.#pingsSinceRequest = 0;
    if (!isFirst) return;
    this.#lastHeard = now;
    this.#next ??= setTimeout(() => this.#look(), this.#parts.pingAfterMs);
  }

  /**
   * Returns true for a request that was given up if nothing was received since it was sent, so that the connection may
   * be dead.
   */
  isSuspicious(sentAt: number): boolean {
    return performance.now() - Math.max(sentAt, this.#lastHeard) >= SUSPICIOUS_SILENCE_MS;
  }

  /** Sends a PING unless one is pending. Returns false if the peer would not tolerate it. */
  question(): boolean {
    const { pongTimeoutMs, ping, onRelief, onDead } = this.#parts;
    if (this.#isQuestioned) return true;
    if (!this.#mayAsk) return false;
    this.#isQuestioned = true;
    this.#pingsSinceRequest += 1;
    this.#pingsSinceAnswer += 1;
    this.#pongTimeout = setTimeout(() => onDead(`no answer to a PING within ${pongTimeoutMs} ms`), pongTimeoutMs);
    ping(() => {
      clearTimeout(this.#pongTimeout);
      this.#isQuestioned = false;
      this.#lastHeard = performance.now();
      onRelief();
    });
    return true;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#next);
    clearTimeout(this.#pongTimeout);
  }

  get #mayAsk(): boolean {
    return Math.max(this.#pingsSinceRequest, this.#pingsSinceAnswer) < this.#parts.maxPings;
  }

  #look(): void {
    const { pingAfterMs } = this.#parts;
    this.#next = undefined;
    if (!this.#parts.isBusy()) return;
    const silentMs = performance.now() - this.#lastHeard;
    if (silentMs >= pingAfterMs) this.question();
    this.#next = setTimeout(() => this.#look(), silentMs >= pingAfterMs ? pingAfterMs : pingAfterMs - silentMs);
  }
}
