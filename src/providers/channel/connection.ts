import http2 from "node:http2";
import { isIP } from "node:net";
import { connect, type SecureContextOptions, type TLSSocket } from "node:tls";
import { NotProcessedError } from "./errors.ts";
import { exchange, type ChannelRequest, type ChannelResponse } from "./exchange.ts";

export type { ChannelRequest, ChannelResponse } from "./exchange.ts";

export interface ConnectionOptions {
  /** `https://host:port` */
  readonly origin: string;
  readonly tls: Pick<SecureContextOptions, "ca" | "cert" | "key" | "passphrase">;
  readonly connectTimeoutMs: number;
  /** A silence this long while an answer is awaited is questioned by a PING; undefined where the peer dislikes them. */
  readonly pingAfterMs?: number;
  readonly pongTimeoutMs: number;
  /** Called when the connection may have room again, or has ended. */
  readonly onChange: () => void;
}

/** An attempt that ends unanswered after such a silence of the whole connection puts the connection in doubt. */
const SUSPICIOUS_SILENCE_MS = 750;
/** A connection that was idle for so long may have died unnoticed. */
const LONG_IDLE_MS = 20_000;
/** How long the peer is given at most to close its side, and requests under way to end when the gateway stops. */
const LINGER_MS = 1_000;

/** One HTTP/2 connection. It takes requests only after the peer's SETTINGS, and no more than they allow. */
export class Connection {
  readonly #options: ConnectionOptions;
  /** Ours, and not the session's: only its destruction ends a connection whose peer has stopped reading. */
  readonly #socket: TLSSocket;
  readonly #session: http2.ClientHttp2Session;
  readonly #supervisor: NodeJS.Timeout | undefined;
  #state: "connecting" | "ready" | "draining" | "closed" = "connecting";
  #inFlight = 0;
  #wasReady = false;
  #hasAnswered = false;
  #lastHeard = performance.now();
  #pinging = false;
  /** The highest stream that the peer has worked on, once it has said so in a GOAWAY. */
  #lastProcessed = Infinity;
  #failure: Error | undefined;
  #linger: NodeJS.Timeout | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#socket = connectTls(options);
    this.#session = http2.connect(options.origin, {
      createConnection: () => this.#socket,
      settings: { enablePush: false },
    });
    this.#awaitSettings();
    this.#session.on("goaway", (_code, lastStreamId) => {
      this.#lastProcessed = Math.min(this.#lastProcessed, lastStreamId);
      this.drain();
    });
    this.#session.on("error", (error: Error) => {
      this.#failure ??= error;
    });
    this.#session.on("close", () => this.#closed());
    if (options.pingAfterMs !== undefined) {
      this.#supervisor = setInterval(() => this.#questionSilence(), options.pingAfterMs / 2);
      this.#supervisor.unref();
    }
  }

  /** Connects, or takes requests. */
  get usable(): boolean {
    if (this.#session.closed || this.#session.destroyed) return false;
    return this.#state === "connecting" || this.#state === "ready";
  }

  get connecting(): boolean {
    return this.#state === "connecting";
  }

  get closed(): boolean {
    return this.#state === "closed";
  }

  /** The peer has spoken HTTP/2. */
  get wasReady(): boolean {
    return this.#wasReady;
  }

  /** The peer has answered a request at least once. */
  get hasAnswered(): boolean {
    return this.#hasAnswered;
  }

  /** Why the connection ended, if it did not do so in peace. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** How many more requests it may take now; none while it is not sure that the peer is still there. */
  get room(): number {
    if (this.#state !== "ready" || this.#pinging || !this.usable) return 0;
    return (this.#session.remoteSettings.maxConcurrentStreams ?? Infinity) - this.#inFlight;
  }

  /** Rejects with NotProcessedError or AnswerLostError; another error is a bug in the request. */
  async send(request: ChannelRequest, signal: AbortSignal): Promise<ChannelResponse> {
    const stream = this.#open(request);
    const sentAt = performance.now();
    this.#inFlight += 1;
    if (this.#inFlight === 1) {
      if (sentAt - this.#lastHeard >= LONG_IDLE_MS) this.#question();
      this.#lastHeard = sentAt;
    }
    stream.once("close", () => this.#release());
    return exchange(stream, {
      body: request.body,
      signal,
      onHeard: () => {
        this.#hasAnswered = true;
        this.#lastHeard = performance.now();
      },
      onGivenUp: () => this.#doubt(sentAt),
      isUnprocessed: (streamId) => streamId > this.#lastProcessed,
      whyLost: () => this.#failure,
    });
  }

  /** Takes no more requests, lets those under way end, then closes. */
  drain(): void {
    if (this.#state !== "connecting" && this.#state !== "ready") return;
    this.#state = "draining";
    if (this.#inFlight === 0) this.#finish();
    this.#options.onChange();
  }

  /** As `drain`, but requests that are not answered soon are cut off. */
  async close(): Promise<void> {
    if (this.closed) return;
    const ended = new Promise((resolve) => this.#session.once("close", resolve));
    const cut = (): void => this.#cut(new Error("the gateway is stopping"));
    if (this.#state === "connecting") cut();
    else this.drain();
    this.#linger ??= setTimeout(cut, this.#lingerMs);
    await ended;
  }

  get #lingerMs(): number {
    return Math.min(LINGER_MS, this.#options.pongTimeoutMs);
  }

  #awaitSettings(): void {
    const { origin, connectTimeoutMs } = this.#options;
    const timer = setTimeout(() => {
      this.#cut(new Error(`no HTTP/2 settings from ${origin} within ${connectTimeoutMs} ms`));
    }, connectTimeoutMs);
    this.#session.once("close", () => clearTimeout(timer));
    this.#session.on("remoteSettings", () => {
      clearTimeout(timer);
      this.#wasReady = true;
      if (this.#state === "connecting") this.#state = "ready";
      this.#options.onChange();
    });
  }

  #open({ path, headers, unindexed = [] }: ChannelRequest): http2.ClientHttp2Stream {
    const fields = { ":method": "POST", ":path": path, ...headers, [http2.sensitiveHeaders]: [...unindexed] };
    try {
      return this.#session.request(fields);
    } catch (error) {
      if (this.usable) throw error;
      throw new NotProcessedError("the connection was closed before the request", { cause: error });
    }
  }

  /** The slot is free only now: until its stream is closed the peer counts it. */
  #release(): void {
    this.#inFlight -= 1;
    if (this.#state === "draining" && this.#inFlight === 0) this.#finish();
    this.#options.onChange();
  }

  /** Says goodbye. A peer that does not answer that must not keep the socket open. */
  #finish(): void {
    this.#session.close();
    clearTimeout(this.#linger);
    this.#linger = setTimeout(() => this.#socket.destroy(), this.#lingerMs);
  }

  #cut(why: Error): void {
    this.#failure ??= why;
    this.#socket.destroy();
  }

  #closed(): void {
    this.#state = "closed";
    clearInterval(this.#supervisor);
    clearTimeout(this.#linger);
    this.#options.onChange();
  }

  #questionSilence(): void {
    const { pingAfterMs = Infinity } = this.#options;
    if (this.#inFlight > 0 && performance.now() - this.#lastHeard >= pingAfterMs) this.#question();
  }

  /** A request was given up. If nothing at all was heard since, it may be the connection that is dead. */
  #doubt(sentAt: number): void {
    if (performance.now() - Math.max(sentAt, this.#lastHeard) < SUSPICIOUS_SILENCE_MS) return;
    if (this.#options.pingAfterMs === undefined) this.drain();
    else this.#question();
  }

  /** A half-open connection looks alive for ever (no event tells): only a PING without an answer shows it. */
  #question(): void {
    const { pingAfterMs, pongTimeoutMs, origin } = this.#options;
    if (pingAfterMs === undefined || this.#pinging || this.#session.destroyed) return;
    this.#pinging = true;
    const timer = setTimeout(() => {
      this.#cut(new Error(`${origin} has not answered a PING within ${pongTimeoutMs} ms`));
    }, pongTimeoutMs);
    this.#session.ping((error) => {
      clearTimeout(timer);
      this.#pinging = false;
      if (error !== null) return;
      this.#lastHeard = performance.now();
      this.#options.onChange();
    });
  }
}

function connectTls({ origin, tls }: ConnectionOptions): TLSSocket {
  const { hostname, port } = new URL(origin);
  const host = hostname.replace(/^\[|\]$/g, "");
  return connect({
    ...tls,
    host,
    port: Number(port || 443),
    minVersion: "TLSv1.2",
    ALPNProtocols: ["h2"],
    ...(isIP(host) ? {} : { servername: host }),
  });
}
