export interface SilenceWatchParts {
  /** A silence this long while an answer is awaited is questioned by a PING; undefined where the peer dislikes them. */
  readonly pingAfterMs: number | undefined;
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
/** Where no PING may ask, a silence this long keeps further requests away; those under way go on waiting. */
const LONG_SILENCE_MS = 3_000;

/**
 * Finds out that nobody is at the other end. A half-open connection looks alive for ever (no event tells): only a PING without an
 * answer shows it, `pingAfterMs + pongTimeoutMs` after the last sign of life or the first request since.
 */
export class SilenceWatch implements Disposable {
  readonly #parts: SilenceWatchParts;
  #lastHeard = performance.now();
  #isQuestioned = false;
  #next: NodeJS.Timeout | undefined;
  #pongTimeout: NodeJS.Timeout | undefined;

  constructor(parts: SilenceWatchParts) {
    this.#parts = parts;
  }

  /** It is not sure that the peer is still there. */
  get isDoubtful(): boolean {
    if (this.#isQuestioned) return true;
    const { pingAfterMs, isBusy } = this.#parts;
    return pingAfterMs === undefined && isBusy() && performance.now() - this.#lastHeard >= LONG_SILENCE_MS;
  }

  /** To be questioned before it is used again. */
  get isStale(): boolean {
    const { pingAfterMs, isBusy } = this.#parts;
    return pingAfterMs !== undefined && !isBusy() && performance.now() - this.#lastHeard >= LONG_IDLE_MS;
  }

  heard(): void {
    this.#lastHeard = performance.now();
  }

  /** The first request after a time without any. */
  busy(now: number): void {
    this.#lastHeard = now;
    const { pingAfterMs } = this.#parts;
    if (pingAfterMs !== undefined) this.#next ??= setTimeout(() => this.#look(pingAfterMs), pingAfterMs);
  }

  /** A request was given up. If nothing at all was heard since it was sent, it may be the connection that is dead. */
  isSuspicious(sentAt: number): boolean {
    return performance.now() - Math.max(sentAt, this.#lastHeard) >= SUSPICIOUS_SILENCE_MS;
  }

  question(): void {
    const { pingAfterMs, pongTimeoutMs, ping, onRelief, onDead } = this.#parts;
    if (pingAfterMs === undefined || this.#isQuestioned) return;
    this.#isQuestioned = true;
    this.#pongTimeout = setTimeout(() => onDead(`no answer to a PING within ${pongTimeoutMs} ms`), pongTimeoutMs);
    ping(() => {
      clearTimeout(this.#pongTimeout);
      this.#isQuestioned = false;
      this.heard();
      onRelief();
    });
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#next);
    clearTimeout(this.#pongTimeout);
  }

  #look(pingAfterMs: number): void {
    this.#next = undefined;
    if (!this.#parts.isBusy()) return;
    const silentMs = performance.now() - this.#lastHeard;
    if (silentMs >= pingAfterMs) this.question();
    this.#next = setTimeout(
      () => this.#look(pingAfterMs),
      silentMs >= pingAfterMs ? pingAfterMs : pingAfterMs - silentMs,
    );
  }
}
