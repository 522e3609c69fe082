export interface SilenceWatchParts {
  /** A silence this long while an answer is awaited is questioned by a PING. */
  readonly pingAfterMs: number;
  /** So many PINGs between two requests, and between two answers, are not too many for the peer. */
  readonly maxPings: number;
  readonly pongTimeoutMs: number;
  /** Sends a PING; `onPong` if it is answered. */
  readonly ping: (onPong: () => void) => void;
  /** Requests are under way. */
  readonly isBusy: () => boolean;
  /** The peer is there after all. */
  readonly onRelief: () => void;
  /** Nobody is there any more. */
  readonly onDead: (why: string) => void;
}

/** An attempt that ends unanswered after such a silence of the whole connection puts the connection in doubt. */
const SUSPICIOUS_SILENCE_MS = 750;
/** A connection that was idle for so long may have died unnoticed. */
const LONG_IDLE_MS = 20_000;
/** Where no further PING may ask, a silence this long keeps further requests away; those under way go on waiting. */
const LONG_SILENCE_MS = 3_000;

/**
 * Finds out that nobody is at the other end. A half-open connection looks alive for ever (no event tells): only a PING without an
 * answer shows it, `pingAfterMs + pongTimeoutMs` after the last sign of life or the first request since.
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

  /** It is not sure that the peer is still there. */
  get isDoubtful(): boolean {
    if (this.#isQuestioned) return true;
    return !this.#mayAsk && this.#parts.isBusy() && performance.now() - this.#lastHeard >= LONG_SILENCE_MS;
  }

  /** To be questioned before it is used again; never where the peer counts its PINGs: none are to be wasted on an idle connection. */
  get isStale(): boolean {
    const { maxPings, isBusy } = this.#parts;
    return maxPings === Infinity && !isBusy() && performance.now() - this.#lastHeard >= LONG_IDLE_MS;
  }

  /** Something came of an answer. */
  heard(): void {
    this.#lastHeard = performance.now();
    this.#pingsSinceAnswer = 0;
  }

  /** A request was sent; `isFirst` where none was under way. */
  sent(now: number, isFirst: boolean): void {
    this.#pingsSinceRequest = 0;
    if (!isFirst) return;
    this.#lastHeard = now;
    this.#next ??= setTimeout(() => this.#look(), this.#parts.pingAfterMs);
  }

  /** A request was given up. If nothing at all was heard since it was sent, it may be the connection that is dead. */
  isSuspicious(sentAt: number): boolean {
    return performance.now() - Math.max(sentAt, this.#lastHeard) >= SUSPICIOUS_SILENCE_MS;
  }

  /** Asks by a PING, if it is not asked already; false where the peer would take it ill. */
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
