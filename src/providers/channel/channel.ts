import { Connection, type ChannelRequest, type ChannelResponse, type ConnectionOptions } from "./connection.ts";
import { NotProcessedError } from "./errors.ts";

export interface ChannelOptions extends Pick<ConnectionOptions, "origin" | "tls" | "pingAfterMs"> {
  readonly maxConnections?: number;
  readonly connectTimeoutMs?: number;
  readonly pongTimeoutMs?: number;
  /** Requests that may wait for room before further ones are refused. */
  readonly maxWaiting?: number;
}

interface Waiting {
  send(connection: Connection): void;
  refuse(error: NotProcessedError): void;
}

const FIRST_PAUSE_MS = 250;
/** Not longer: a call that comes in meanwhile has to be sent while it still rings. */
const LAST_PAUSE_MS = 5_000;
/** Connections in a row that end without a single answer; after these, reconnects are paced. */
const FREE_RECONNECTS = 3;
const SAFE_REPEATS = 3;

/**
 * Requests to one provider over a few supervised HTTP/2 connections, opened when there is something to send. A request that was
 * certainly not processed is repeated at once on another connection; reconnects after failures keep growing pauses.
 */
export class Channel implements AsyncDisposable {
  readonly #options: ChannelOptions;
  readonly #connections = new Set<Connection>();
  /** In order of arrival. A set, so that thousands that are given up together do not each search the line. */
  readonly #waiting = new Set<Waiting>();
  #failures = 0;
  #pause: NodeJS.Timeout | undefined;
  #closing = false;

  constructor(options: ChannelOptions) {
    this.#options = options;
  }

  /** Rejects with NotProcessedError or AnswerLostError, nothing else. */
  async request(request: ChannelRequest, signal: AbortSignal): Promise<ChannelResponse> {
    for (let tries = 1; ; tries += 1) {
      let isSent = false;
      try {
        return await this.#enqueue(request, signal, () => (isSent = true));
      } catch (error) {
        const mayRepeat = isSent && error instanceof NotProcessedError && tries <= SAFE_REPEATS;
        if (!mayRepeat || signal.aborted) throw error;
      }
    }
  }

  /** Later requests go over new connections; those under way end on the present ones. */
  renew(): void {
    for (const connection of this.#connections) {
      if (!connection.connecting) connection.drain();
    }
  }

  #enqueue(request: ChannelRequest, signal: AbortSignal, onSend: () => void): Promise<ChannelResponse> {
    const refusal = this.#refuse(signal);
    if (refusal !== undefined) return Promise.reject(refusal);
    const { promise, resolve, reject } = Promise.withResolvers<ChannelResponse>();
    const leave = (): void => {
      this.#waiting.delete(waiting);
      signal.removeEventListener("abort", giveUp);
    };
    const waiting: Waiting = {
      send(connection) {
        leave();
        onSend();
        resolve(connection.send(request, signal));
      },
      refuse(error) {
        leave();
        reject(error);
      },
    };
    const giveUp = (): void =>
      waiting.refuse(new NotProcessedError("no connection had room in time", { cause: signal.reason }));
    signal.addEventListener("abort", giveUp, { once: true });
    this.#waiting.add(waiting);
    this.#dispatch();
    return promise;
  }

  #refuse(signal: AbortSignal): NotProcessedError | undefined {
    if (signal.aborted) return new NotProcessedError("given up before it was sent", { cause: signal.reason });
    if (this.#closing) return new NotProcessedError("the gateway is stopping");
    const isFull = this.#waiting.size >= (this.#options.maxWaiting ?? 10_000);
    return isFull ? new NotProcessedError("too many requests wait for this provider") : undefined;
  }

  /** Gives waiting requests to connections with room; opens another one if some are left over. */
  #dispatch(): void {
    for (const connection of this.#connections) {
      for (const waiting of this.#waiting) {
        if (connection.room <= 0) break;
        waiting.send(connection);
      }
    }
    if (this.#waiting.size > 0) this.#grow();
  }

  #grow(): void {
    const usable = [...this.#connections].filter((connection) => connection.usable);
    const connecting = usable.some((connection) => connection.connecting);
    const full = usable.length >= (this.#options.maxConnections ?? 4);
    if (this.#closing || connecting || full || this.#pause !== undefined) return;
    const { connectTimeoutMs = 5_000, pongTimeoutMs = 2_000, ...rest } = this.#options;
    try {
      const connection = new Connection({
        ...rest,
        connectTimeoutMs,
        pongTimeoutMs,
        onChange: () => this.#changed(connection),
      });
      this.#connections.add(connection);
    } catch (error) {
      // Node throws here for a key that it cannot read.
      this.#backOff(error);
    }
  }

  #changed(connection: Connection): void {
    if (connection.closed) this.#ended(connection);
    this.#dispatch();
  }

  #ended(connection: Connection): void {
    this.#connections.delete(connection);
    if (this.#closing) return;
    if (connection.hasAnswered) this.#failures = 0;
    else if (connection.wasReady && this.#failures < FREE_RECONNECTS) this.#failures += 1;
    else this.#backOff(connection.failure);
  }

  /** Who waits is told at once, so that the retry policy decides; the next connection is tried after a pause. */
  #backOff(cause: unknown): void {
    this.#failures += 1;
    const longest = Math.min(LAST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (this.#failures - 1));
    const resume = (): void => {
      this.#pause = undefined;
      this.#dispatch();
    };
    clearTimeout(this.#pause);
    this.#pause = setTimeout(resume, longest * (0.5 + Math.random() / 2));
    if ([...this.#connections].some((connection) => connection.usable)) return;
    this.#refuseAll(new NotProcessedError(`no connection to ${this.#options.origin}`, { cause }));
  }

  #refuseAll(error: NotProcessedError): void {
    for (const waiting of this.#waiting) waiting.refuse(error);
  }

  /** Gives requests under way a moment to end. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#pause);
    this.#refuseAll(new NotProcessedError("the gateway is stopping"));
    await Promise.all([...this.#connections].map((connection) => connection.close()));
  }
}
