import { Connection, type ChannelRequest, type ChannelResponse, type ConnectionOptions } from "./connection.ts";
import { AnswerLostError, NotProcessedError } from "./errors.ts";

export interface ChannelOptions extends Pick<ConnectionOptions, "origin" | "tls" | "pingAfterMs"> {
  readonly maxConnections?: number;
  readonly connectTimeoutMs?: number;
  readonly pongTimeoutMs?: number;
  /** Requests that may wait for room before further ones are refused. */
  readonly maxWaiting?: number;
}

interface Waiting {
  readonly request: ChannelRequest;
  readonly signal: AbortSignal;
  readonly resolve: (response: Promise<ChannelResponse>) => void;
  readonly reject: (error: Error) => void;
}

const FIRST_PAUSE_MS = 250;
const LAST_PAUSE_MS = 15_000;
const SAFE_REPEATS = 3;

/**
 * Requests to one provider over a few supervised HTTP/2 connections, opened when there is something to send. A request that was
 * certainly not processed is repeated at once on another connection; reconnects after failures keep growing pauses.
 */
export class Channel implements AsyncDisposable {
  readonly #options: ChannelOptions;
  readonly #connections = new Set<Connection>();
  readonly #waiting: Waiting[] = [];
  #failures = 0;
  #pause: NodeJS.Timeout | undefined;
  #closing = false;

  constructor(options: ChannelOptions) {
    this.#options = options;
  }

  /** Rejects with NotProcessedError or AnswerLostError, nothing else. */
  async request(request: ChannelRequest, signal: AbortSignal): Promise<ChannelResponse> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#enqueue(request, signal);
      } catch (error) {
        const final = !(error instanceof RefusedOnConnectionError) || tries > SAFE_REPEATS || signal.aborted;
        if (final) throw error;
      }
    }
  }

  #enqueue(request: ChannelRequest, signal: AbortSignal): Promise<ChannelResponse> {
    if (this.#closing) return Promise.reject(new NotProcessedError("the gateway is stopping"));
    if (this.#waiting.length >= (this.#options.maxWaiting ?? 10_000)) {
      return Promise.reject(new NotProcessedError("too many requests wait for this provider"));
    }
    const { promise, resolve, reject } = Promise.withResolvers<ChannelResponse>();
    const giveUp = (): void => {
      const place = this.#waiting.indexOf(waiting);
      if (place < 0) return;
      this.#waiting.splice(place, 1);
      reject(new NotProcessedError("no connection had room in time", { cause: signal.reason }));
    };
    const waiting: Waiting = { request, signal, resolve, reject };
    signal.addEventListener("abort", giveUp, { once: true });
    void promise.catch(() => undefined).finally(() => signal.removeEventListener("abort", giveUp));
    this.#waiting.push(waiting);
    if (signal.aborted) giveUp();
    this.#dispatch();
    return promise;
  }

  /** Gives waiting requests to connections with room; opens another one if some are left over. */
  #dispatch(): void {
    for (const connection of this.#connections) {
      while (connection.room > 0) {
        const next = this.#waiting.shift();
        if (next === undefined) return;
        next.resolve(this.#sendOn(connection, next));
      }
    }
    if (this.#waiting.length > 0) this.#grow();
  }

  async #sendOn(connection: Connection, { request, signal }: Waiting): Promise<ChannelResponse> {
    try {
      return await connection.send(request, signal);
    } catch (error) {
      if (error instanceof NotProcessedError) throw new RefusedOnConnectionError(error.message, { cause: error });
      throw error instanceof AnswerLostError ? error : new AnswerLostError("sending failed", { cause: error });
    }
  }

  #grow(): void {
    const usable = [...this.#connections].filter((connection) => connection.usable);
    const connecting = usable.some((connection) => connection.connecting);
    const full = usable.length >= (this.#options.maxConnections ?? 4);
    if (this.#closing || connecting || full || this.#pause !== undefined) return;
    const { connectTimeoutMs = 5_000, pongTimeoutMs = 2_000, ...rest } = this.#options;
    const connection = new Connection({ ...rest, connectTimeoutMs, pongTimeoutMs, onChange: () => this.#changed() });
    this.#connections.add(connection);
    connection.ready.then(
      () => {
        this.#failures = 0;
      },
      (error: unknown) => this.#connectFailed(error),
    );
  }

  #changed(): void {
    for (const connection of this.#connections) {
      if (connection.closed) this.#connections.delete(connection);
    }
    this.#dispatch();
  }

  /** Who waits is told at once, so that the retry policy decides; the next connection is tried after a pause. */
  #connectFailed(error: unknown): void {
    this.#failures += 1;
    const longest = Math.min(LAST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (this.#failures - 1));
    this.#pause = setTimeout(
      () => {
        this.#pause = undefined;
        this.#dispatch();
      },
      longest * (0.5 + Math.random() / 2),
    );
    if ([...this.#connections].some((connection) => connection.usable)) return;
    for (const { reject } of this.#waiting.splice(0)) {
      reject(error instanceof NotProcessedError ? error : new NotProcessedError("no connection", { cause: error }));
    }
  }

  /** Lets requests under way end; their signals bound that. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#pause);
    for (const { reject } of this.#waiting.splice(0)) reject(new NotProcessedError("the gateway is stopping"));
    await Promise.all([...this.#connections].map((connection) => connection.close()));
  }
}

/** Not processed by one connection: another one may be tried at once. */
class RefusedOnConnectionError extends NotProcessedError {}
