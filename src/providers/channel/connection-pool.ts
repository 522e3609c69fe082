import type { UnreachedReason } from "../../push/explanations/unreached.ts";
import type { Connection, ConnectionOptions } from "./connection.ts";
import type { Destination } from "./dial.ts";
import { ConnectError } from "./errors.ts";
import { countConnects, GROW_AFTER_MS } from "./growth.ts";
import { decideFate, type Lifetime } from "./lifetime.ts";
import { openConnection } from "./open-connection.ts";
import {
  countConnect,
  countFruitless,
  forgetFailures,
  FRESH_PACING,
  isFruitless,
  pauseAfterFailure,
  readNextConnect,
} from "./pacing.ts";

export interface PoolOptions
  extends Omit<Destination, "protocol">, Omit<ConnectionOptions, "onChange" | "onClosed" | "maxRequests"> {
  readonly maxConnections: number;
  readonly connectTimeoutMs: number;
  readonly lifetime: Lifetime;
}

export interface PoolListener {
  /** Called when a connection may have room. */
  readonly onRoom: () => void;
  /** Called when there is no connection and the last attempt to open one has failed. */
  readonly onUnreachable: (error: ConnectError) => void;
}

const LONGEST_SWEEP_MS = 15_000;

/**
 * Connections to one provider. They are opened for waiting requests at a limited rate, and closed when they are not
 * needed or old.
 */
export class ConnectionPool implements AsyncDisposable {
  readonly #options: PoolOptions;
  readonly #listener: PoolListener;
  /** Oldest first. The oldest is filled first, so that the youngest become idle. */
  readonly #connections = new Set<Connection>();
  readonly #opening = new Set<Promise<void>>();
  readonly #stop = new AbortController();
  #pacing = FRESH_PACING;
  #fullSince: number | undefined;
  #nextLook: NodeJS.Timeout | undefined;
  #sweeper: NodeJS.Timeout | undefined;
  #lastFailure: UnreachedReason = "connect_timeout";

  constructor(options: PoolOptions, listener: PoolListener) {
    this.#options = options;
    this.#listener = listener;
  }

  /** Returns a connection with room; `shunned` only if no other has any. */
  choose(isUrgent: boolean, shunned: Connection | undefined): Connection | undefined {
    for (const connection of this.#connections) {
      if (connection !== shunned && connection.hasRoom(isUrgent)) return connection;
    }
    return shunned?.hasRoom(isUrgent) === true ? shunned : undefined;
  }

  /** Why a waiting request found no room. */
  get obstacle(): UnreachedReason {
    return this.#usable.length > 0 ? "no_room" : this.#lastFailure;
  }

  /**
   * Call after each round with the number of requests left waiting. Opens connections for them, now or as soon as
   * pacing allows.
   */
  serve(waiting: number): void {
    if (waiting === 0) this.#fullSince = undefined;
    if (waiting === 0 || this.#stop.signal.aborted) return;
    const now = performance.now();
    this.#fullSince ??= now;
    let ready = 0;
    for (const connection of this.#connections) {
      if (connection.usable) ready += 1;
      if (connection.isStale) connection.question();
    }
    const fullForMs = now - this.#fullSince;
    const max = this.#options.maxConnections;
    const count = countConnects({ waiting, fullForMs, ready, opening: this.#opening.size, max });
    for (let begun = 0; begun < count; begun += 1) this.#connect(now);
    if (fullForMs < GROW_AFTER_MS) this.#lookAgainIn(GROW_AFTER_MS - fullForMs);
  }

  /** Sends later requests over new connections. Those in flight end on the present ones. */
  renew(): void {
    for (const connection of this.#connections) connection.drain();
  }

  get #usable(): Connection[] {
    return [...this.#connections].filter((connection) => connection.usable);
  }

  #lookAgainIn(ms: number): void {
    this.#nextLook ??= setTimeout(() => {
      this.#nextLook = undefined;
      this.#listener.onRoom();
    }, ms);
  }

  #connect(now: number): void {
    const next = readNextConnect(this.#pacing);
    if (next > now) return this.#lookAgainIn(next - now);
    this.#pacing = countConnect(this.#pacing, now);
    const onClosed = (connection: Connection): void => this.#closed(connection);
    const options = { ...this.#options, onChange: this.#listener.onRoom, onClosed };
    const opening: Promise<void> = openConnection(options, this.#stop.signal).then(
      (connection) => {
        this.#opening.delete(opening);
        this.#opened(connection);
      },
      (error: ConnectError) => {
        this.#opening.delete(opening);
        this.#failed(error);
      },
    );
    this.#opening.add(opening);
  }

  #opened(connection: Connection): void {
    const old = this.#usable.find((other) => this.#isOld(other));
    this.#connections.add(connection);
    if (connection.closed) return this.#closed(connection);
    if (this.#stop.signal.aborted) return connection.drain();
    const { surplusIdleMs, idleMs } = this.#options.lifetime;
    this.#sweeper ??= setInterval(() => this.#sweep(), Math.min(LONGEST_SWEEP_MS, surplusIdleMs / 2, idleMs / 2));
    this.#sweeper.unref();
    old?.drain();
    // The new connection may be enough.
    this.#fullSince = undefined;
    this.#listener.onRoom();
  }

  /** Waiting requests fail at once, so that the retry policy decides. The next connection is tried after a pause. */
  #failed(error: ConnectError): void {
    if (this.#stop.signal.aborted) return;
    const usable = this.#usable;
    if (usable.some(({ hasAnswered }) => hasAnswered)) this.#pacing = forgetFailures(this.#pacing);
    this.#pacing = pauseAfterFailure(this.#pacing, performance.now(), Math.random());
    this.#lastFailure = error.code;
    if (usable.length === 0 && this.#opening.size === 0) this.#listener.onUnreachable(error);
    this.#listener.onRoom();
  }

  #closed(connection: Connection): void {
    if (!this.#connections.delete(connection)) return;
    if (this.#connections.size === 0) {
      clearInterval(this.#sweeper);
      this.#sweeper = undefined;
    }
    if (connection.hasAnswered) this.#pacing = forgetFailures(this.#pacing);
    else if (connection.wasUsed && isFruitless(this.#pacing)) return this.#failed(connection.describeEnd());
    else if (connection.wasUsed) this.#pacing = countFruitless(this.#pacing);
    this.#listener.onRoom();
  }

  #isOld({ openedAt }: Connection): boolean {
    return performance.now() - openedAt >= this.#options.lifetime.ageMs;
  }

  #sweep(): void {
    const now = performance.now();
    const usable = this.#usable;
    let left = usable.length;
    for (const connection of usable.toReversed()) {
      const { openedAt, idleSince } = connection;
      const idleMs = idleSince === undefined ? undefined : now - idleSince;
      const fate = decideFate({ ageMs: now - openedAt, idleMs, isLast: left === 1 }, this.#options.lifetime);
      if (fate === "replace" && this.#opening.size === 0) this.#connect(now);
      if (fate !== "close") continue;
      left -= 1;
      connection.drain();
    }
  }

  /** Gives requests in flight a moment to end. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new ConnectError("not_reached", "the gateway is stopping"));
    clearTimeout(this.#nextLook);
    clearInterval(this.#sweeper);
    await Promise.all(this.#opening);
    await Promise.all([...this.#connections].map((connection) => connection.close()));
  }
}
