import http2 from "node:http2";
import type { TLSSocket } from "node:tls";
import { readConnectReason } from "./connect-reason.ts";
import { ConnectError, NotProcessedError } from "./errors.ts";
import { exchange, type ChannelAnswer, type ChannelRequest } from "./exchange.ts";
import { SilenceWatch } from "./silence-watch.ts";
import { countStreams } from "./stream-limit.ts";

export interface ConnectionOptions {
  /** After this long without an expected answer the connection is pinged. */
  readonly pingAfterMs: number;
  /** Number of PINGs between two requests, and between two answers, that the peer tolerates. */
  readonly maxPings: number;
  readonly pongTimeoutMs: number;
  /** Limit of requests in flight, below the peer's own. */
  readonly maxStreams: number;
  /** Limit of requests in all: a connection has a limited number of stream ids. */
  readonly maxRequests?: number;
  /** One request is sent alone, the others after its answer: Apple allows no more until it has seen a valid token. */
  readonly isPrimed: boolean;
  /** Called when it may have room again. */
  readonly onChange: () => void;
  readonly onClosed: (connection: Connection) => void;
}

/** Time limit for the peer to close its side, and for requests in flight when the gateway stops. */
const LINGER_MS = 1_000;
/**
 * Longer than any attempt may take. Without it a peer that is gone, and may not be pinged again, would keep a
 * connection for ever.
 */
const DRAIN_MS = 30_000;
/** Ids are odd and below 2^31. */
const STREAM_IDS = 2 ** 30 - 1;
/** Status of Apple's answers to a token that it does not accept. */
const TOKEN_REFUSED = 403;

/** One HTTP/2 connection. It sends requests only after the peer's SETTINGS, and no more than they allow. */
export class Connection {
  /** Resolves when the peer's SETTINGS have arrived; rejects if the connection ends before. */
  readonly ready: Promise<void>;
  readonly openedAt = performance.now();
  readonly #options: ConnectionOptions;
  /** Kept beside the session, because only destroying the socket ends a connection whose peer has stopped reading. */
  readonly #socket: TLSSocket;
  readonly #session: http2.ClientHttp2Session;
  readonly #silence: SilenceWatch;
  #state: "opening" | "ready" | "draining" | "closed" = "opening";
  #announcedStreams = 0;
  #inFlight = 0;
  #sent = 0;
  #idleSince = performance.now();
  #hasAnswered = false;
  #isProven: boolean;
  /** Highest stream that the peer has processed, according to its GOAWAY. */
  #lastProcessed = Infinity;
  #failure: Error | undefined;
  #linger: NodeJS.Timeout | undefined;

  constructor(origin: string, socket: TLSSocket, options: ConnectionOptions) {
    this.#options = options;
    this.#socket = socket;
    this.#isProven = !options.isPrimed;
    this.#session = http2.connect(origin, { createConnection: () => socket, settings: { enablePush: false } });
    this.#silence = this.#watchSilence();
    this.#session.on("goaway", (_code, lastStreamId) => {
      this.#lastProcessed = Math.min(this.#lastProcessed, lastStreamId);
      this.drain();
    });
    this.#session.on("error", (error: Error) => {
      this.#failure ??= error;
    });
    this.ready = this.#awaitSettings();
    this.#session.on("close", () => this.#closed());
  }

  /** True if it takes requests now, or will again. */
  get usable(): boolean {
    return this.#state === "ready" && !this.#session.closed && !this.#session.destroyed;
  }

  get closed(): boolean {
    return this.#state === "closed";
  }

  /** True if the peer has answered at least one request. */
  get hasAnswered(): boolean {
    return this.#hasAnswered;
  }

  get wasUsed(): boolean {
    return this.#sent > 0;
  }

  /** Since when it has no request; undefined while it has. */
  get idleSince(): number | undefined {
    return this.#inFlight === 0 ? this.#idleSince : undefined;
  }

  /** True if it was idle so long that it may be dead. It takes requests again when it has answered a `question`. */
  get isStale(): boolean {
    return this.usable && this.#silence.isStale;
  }

  /** Returns true if one more request may be sent now; false while the peer may be gone. */
  hasRoom(isUrgent: boolean): boolean {
    if (!this.usable || this.#silence.isDoubtful || this.#silence.isStale) return false;
    const announced = this.#announcedStreams;
    const own = this.#options.maxStreams;
    return this.#inFlight < countStreams({ announced, own, isProven: this.#isProven, isUrgent });
  }

  question(): void {
    this.#silence.question();
  }

  /** Rejects with NotProcessedError or AnswerLostError. Any other error is a bug in the request. */
  async send(request: ChannelRequest, signal: AbortSignal): Promise<ChannelAnswer> {
    const stream = this.#open(request);
    const sentAt = performance.now();
    this.#inFlight += 1;
    this.#sent += 1;
    this.#silence.sent(sentAt, this.#inFlight === 1);
    if (this.#sent >= (this.#options.maxRequests ?? STREAM_IDS)) this.drain();
    stream.once("close", () => this.#release());
    const response = await exchange(stream, {
      body: request.body,
      signal,
      onAnswer: (status) => this.#answered(status),
      onHeard: () => this.#silence.heard(),
      onGivenUp: () => this.#doubt(sentAt),
      isUnprocessed: (streamId) => streamId > this.#lastProcessed,
      whyLost: () => this.#failure,
    });
    return { ...response, connection: this };
  }

  /** Takes no more requests, waits for those in flight, then closes. */
  drain(): void {
    if (this.#state !== "opening" && this.#state !== "ready") return;
    this.#state = "draining";
    if (this.#inFlight === 0) this.#finish();
    else
      this.#lingerFor(DRAIN_MS, () => this.cut(new Error("requests did not end although the connection was to close")));
    this.#options.onChange();
  }

  /** Like `drain`, but cuts off requests that are not answered soon. */
  async close(): Promise<void> {
    if (this.closed) return;
    const ended = new Promise((resolve) => this.#session.once("close", resolve));
    this.drain();
    if (this.#inFlight > 0) this.#lingerFor(this.#goodbyeMs, () => this.cut(new Error("the gateway is stopping")));
    await ended;
  }

  /** Closes at once, with requests in flight. */
  cut(why: Error): void {
    this.#failure ??= why;
    this.#socket.destroy();
  }

  /** Returns why it has ended. */
  describeEnd(): ConnectError {
    const cause = this.#failure;
    if (cause instanceof ConnectError) return cause;
    const reason = cause === undefined ? "connection_reset" : readConnectReason(cause);
    return new ConnectError(reason, "the other side closed the connection", { cause });
  }

  get #goodbyeMs(): number {
    return Math.min(LINGER_MS, this.#options.pongTimeoutMs);
  }

  #awaitSettings(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#session.on("remoteSettings", ({ maxConcurrentStreams = Infinity }) => {
      this.#announcedStreams = maxConcurrentStreams;
      if (this.#state === "opening") this.#state = "ready";
      resolve();
      this.#options.onChange();
    });
    this.#session.once("close", () => reject(this.describeEnd()));
    return promise;
  }

  #watchSilence(): SilenceWatch {
    const { pingAfterMs, maxPings, pongTimeoutMs, onChange } = this.#options;
    return new SilenceWatch({
      pingAfterMs,
      maxPings,
      pongTimeoutMs,
      ping: (onPong) => {
        if (!this.#session.destroyed) this.#session.ping((error) => void (error ?? onPong()));
      },
      isBusy: () => this.#inFlight > 0,
      onRelief: onChange,
      onDead: (why) => this.cut(new Error(why)),
    });
  }

  #open({ path, headers, unindexed = [] }: ChannelRequest): http2.ClientHttp2Stream {
    const fields = { ":method": "POST", ":path": path, ...headers, [http2.sensitiveHeaders]: [...unindexed] };
    try {
      return this.#session.request(fields);
    } catch (error) {
      if (this.usable) throw error;
      throw new NotProcessedError("not_reached", "the connection was closed before the request", { cause: error });
    }
  }

  #answered(status: number): void {
    this.#hasAnswered = true;
    if (status !== TOKEN_REFUSED) this.#isProven = true;
  }

  /** The slot is free only now, because the peer counts a stream until it is closed. */
  #release(): void {
    this.#inFlight -= 1;
    if (this.#inFlight === 0) this.#idleSince = performance.now();
    if (this.#state === "draining" && this.#inFlight === 0) this.#finish();
    this.#options.onChange();
  }

  /** Closes gracefully. A peer that does not respond must not keep the socket open. */
  #finish(): void {
    this.#session.close();
    this.#lingerFor(this.#goodbyeMs, () => this.#socket.destroy());
  }

  #lingerFor(ms: number, end: () => void): void {
    clearTimeout(this.#linger);
    this.#linger = setTimeout(end, ms);
  }

  #closed(): void {
    this.#state = "closed";
    this.#silence[Symbol.dispose]();
    clearTimeout(this.#linger);
    this.#options.onClosed(this);
  }

  /** Handles a request that was given up. */
  #doubt(sentAt: number): void {
    if (this.#silence.isSuspicious(sentAt) && !this.#silence.question()) this.drain();
  }
}
