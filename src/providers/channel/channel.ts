import type { Clock } from "../../gateway/clock.ts";
import { isTooLate } from "../../push/deadline.ts";
import type { Connection } from "./connection.ts";
import { ConnectionPool } from "./connection-pool.ts";
import type { Destination } from "./dial.ts";
import { ConnectError, NotProcessedError } from "./errors.ts";
import type { ChannelAnswer, ChannelRequest } from "./exchange.ts";
import type { Lifetime } from "./lifetime.ts";
import { PriorityQueue } from "./priority-queue.ts";

export interface ChannelOptions extends Omit<Destination, "protocol"> {
  /** Clock for `notAfter` of requests, which is the store's; this machine's by default. */
  readonly clock?: Clock;
  /**
   * After this long without an expected answer the connection is pinged. A peer that does not answer in time is left.
   */
  readonly pingAfterMs?: number;
  readonly pongTimeoutMs?: number;
  /** Limit of PINGs between two requests, and between two answers, for a peer that counts them. */
  readonly maxPings?: number;
  /** The first request of each connection is sent alone, and others after its answer. */
  readonly isPrimed?: boolean;
  /** Limit of requests in flight on a connection, below the peer's own. */
  readonly maxStreams?: number;
  readonly maxConnections?: number;
  readonly connectTimeoutMs?: number;
  readonly lifetime?: Partial<Lifetime>;
  /** Limit of waiting requests, beyond which further ones are refused. Calls are counted separately. */
  readonly maxWaiting?: number;
}

interface Waiting {
  readonly isUrgent: boolean;
  readonly notAfter: number;
  /** A connection that has refused the request before. */
  readonly shunned: Connection | undefined;
  send(connection: Connection): void;
  refuse(error: NotProcessedError): void;
}

/** State of a request. */
interface Journey {
  connection: Connection | undefined;
  isRepeat: boolean;
}

const DEFAULTS = {
  // A dead connection is left two seconds later, within the five seconds that a call can spare.
  pingAfterMs: 1_500,
  pongTimeoutMs: 2_000,
  maxPings: Infinity,
  isPrimed: false,
  maxStreams: 1_000,
  maxConnections: 8,
  connectTimeoutMs: 5_000,
};
const MAX_WAITING = 10_000;
/** Apple wants connections to be kept, so the last one stays open. */
const LIFETIME: Lifetime = { idleMs: Infinity, surplusIdleMs: 60_000, ageMs: Infinity };
const SAFE_REPEATS = 3;

/**
 * Sends requests to one provider over a few supervised HTTP/2 connections, which are opened on demand. A request that
 * was certainly not processed is repeated at once, on another connection if there is one.
 */
export class Channel implements AsyncDisposable {
  readonly #origin: string;
  readonly #maxWaiting: number;
  readonly #clock: Clock;
  readonly #pool: ConnectionPool;
  readonly #line = new PriorityQueue<Waiting>();
  #isClosing = false;

  constructor({ lifetime, maxWaiting = MAX_WAITING, clock = Date.now, ...options }: ChannelOptions) {
    this.#origin = options.origin;
    this.#clock = clock;
    this.#maxWaiting = maxWaiting;
    this.#pool = new ConnectionPool(
      { ...DEFAULTS, ...options, lifetime: { ...LIFETIME, ...lifetime } },
      { onRoom: () => this.#dispatch(), onUnreachable: (error) => this.#refuseAll(error) },
    );
  }

  /** Rejects only with NotProcessedError or AnswerLostError. */
  async request(request: ChannelRequest, signal: AbortSignal): Promise<ChannelAnswer> {
    const journey: Journey = { connection: undefined, isRepeat: false };
    for (let refusals = 0; ;) {
      try {
        return await this.#enqueue(request, signal, journey);
      } catch (error) {
        const { connection } = journey;
        if (!(error instanceof NotProcessedError) || connection === undefined || signal.aborted) throw error;
        // Pacing handles connections that have ended. A peer that keeps refusing must not be asked for ever.
        if (connection.usable && (refusals += 1) > SAFE_REPEATS) throw error;
        journey.isRepeat = true;
      }
    }
  }

  /** Sends later requests over new connections. Those in flight end on the present ones. */
  renew(): void {
    this.#pool.renew();
  }

  #enqueue(request: ChannelRequest, signal: AbortSignal, journey: Journey): Promise<ChannelAnswer> {
    const { isUrgent = false, notAfter = Infinity } = request;
    const { connection: shunned, isRepeat } = journey;
    journey.connection = undefined;
    const refusal = this.#refuse(signal, isUrgent, isRepeat);
    if (refusal !== undefined) return Promise.reject(refusal);
    const { promise, resolve, reject } = Promise.withResolvers<ChannelAnswer>();
    const giveUp = (): void => waiting.refuse(this.#describeWait(signal.reason));
    const waiting: Waiting = {
      isUrgent,
      notAfter,
      shunned,
      send(connection) {
        leave();
        signal.removeEventListener("abort", giveUp);
        journey.connection = connection;
        resolve(connection.send(request, signal));
      },
      refuse(error) {
        leave();
        signal.removeEventListener("abort", giveUp);
        reject(error);
      },
    };
    const leave = this.#line.join(waiting, { isUrgent, isRepeat });
    signal.addEventListener("abort", giveUp, { once: true });
    // If a request waits ahead of it, there is no room for this one either.
    if (this.#line.first === waiting) this.#dispatch();
    return promise;
  }

  #refuse(signal: AbortSignal, isUrgent: boolean, isRepeat: boolean): NotProcessedError | undefined {
    if (signal.aborted)
      return new NotProcessedError("not_reached", "given up before it was sent", { cause: signal.reason });
    if (this.#isClosing) return new NotProcessedError("not_reached", "the gateway is stopping");
    const isFull = !isRepeat && this.#line.count(isUrgent) >= this.#maxWaiting;
    return isFull ? new NotProcessedError("no_room", "too many requests wait for this provider") : undefined;
  }

  #describeWait(cause?: unknown): NotProcessedError {
    return new NotProcessedError(this.#pool.obstacle, `no connection to ${this.#origin} had room in time`, { cause });
  }

  /** Assigns waiting requests to connections with room. */
  #dispatch(): void {
    for (let next = this.#line.first; next !== undefined; next = this.#line.first) {
      // In a busy process timers are late, including the signal's.
      if (isTooLate(next.notAfter, this.#clock())) {
        next.refuse(this.#describeWait());
        continue;
      }
      const connection = this.#pool.choose(next.isUrgent, next.shunned);
      if (connection === undefined) break;
      next.send(connection);
    }
    this.#pool.serve(this.#line.size);
  }

  #refuseAll(cause: ConnectError): void {
    const error = new NotProcessedError(cause.code, `no connection to ${this.#origin}`, { cause });
    for (let next = this.#line.first; next !== undefined; next = this.#line.first) next.refuse(error);
  }

  /** Gives requests in flight a moment to end. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosing = true;
    this.#refuseAll(new ConnectError("not_reached", "the gateway is stopping"));
    await this.#pool[Symbol.asyncDispose]();
  }
}
