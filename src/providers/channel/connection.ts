import http2 from "node:http2";
import type { SecureContextOptions } from "node:tls";
import { AnswerLostError, NotProcessedError } from "./errors.ts";

export interface ChannelRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body: string;
  /** Headers that change with each request and would only fill the peer's HPACK table. */
  readonly unindexed?: readonly string[];
}

export interface ChannelResponse {
  readonly status: number;
  readonly headers: http2.IncomingHttpHeaders;
  /** Cut at 64 KiB. */
  readonly body: string;
}

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

const MAX_BODY_CHARS = 64 * 1024;
const { NGHTTP2_CANCEL, NGHTTP2_REFUSED_STREAM } = http2.constants;

/** One HTTP/2 connection. It takes requests only after the peer's SETTINGS, and no more than they allow. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #session: http2.ClientHttp2Session;
  readonly #ready: Promise<void>;
  readonly #supervisor: NodeJS.Timeout | undefined;
  #state: "connecting" | "ready" | "draining" | "closed" = "connecting";
  #inFlight = 0;
  #lastHeard = performance.now();
  #pinging = false;
  /** The highest stream that the peer has worked on, once it has said so in a GOAWAY. */
  #lastProcessed = Infinity;
  #failure: Error | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#session = http2.connect(options.origin, {
      ...options.tls,
      minVersion: "TLSv1.2",
      settings: { enablePush: false },
    });
    this.#ready = this.#awaitSettings();
    this.#session.on("goaway", (_code, lastStreamId) => {
      this.#lastProcessed = Math.min(this.#lastProcessed, lastStreamId);
      this.#drain();
    });
    this.#session.on("close", () => this.#closed());
    if (options.pingAfterMs !== undefined) {
      this.#supervisor = setInterval(() => this.#questionSilence(), options.pingAfterMs / 2);
      this.#supervisor.unref();
    }
  }

  /** Rejects if the connection could not be made. */
  get ready(): Promise<void> {
    return this.#ready;
  }

  get usable(): boolean {
    return this.#state === "connecting" || this.#state === "ready";
  }

  get closed(): boolean {
    return this.#state === "closed";
  }

  get connecting(): boolean {
    return this.#state === "connecting";
  }

  /** How many more requests it may take now. */
  get room(): number {
    if (this.#state !== "ready") return 0;
    return (this.#session.remoteSettings.maxConcurrentStreams ?? Infinity) - this.#inFlight;
  }

  /** Rejects with NotProcessedError or AnswerLostError. */
  async send(request: ChannelRequest, signal: AbortSignal): Promise<ChannelResponse> {
    const stream = this.#open(request);
    this.#inFlight += 1;
    if (this.#inFlight === 1) this.#lastHeard = performance.now();
    try {
      return await this.#exchange(stream, request.body, signal);
    } finally {
      this.#inFlight -= 1;
      if (this.#state === "draining" && this.#inFlight === 0) this.#session.close();
      this.#options.onChange();
    }
  }

  /** Takes no more requests, lets those under way end, then closes. */
  #drain(): void {
    if (!this.usable) return;
    this.#state = "draining";
    if (this.#inFlight === 0) this.#session.close();
    this.#options.onChange();
  }

  /** Waits for answers under way, as long as their signals let them. */
  async close(): Promise<void> {
    if (this.#session.destroyed) return;
    this.#state = "draining";
    const closed = new Promise<void>((resolve) => this.#session.once("close", resolve));
    if (this.#session.connecting) this.#session.destroy();
    else this.#session.close();
    await closed;
  }

  #closed(): void {
    this.#state = "closed";
    clearInterval(this.#supervisor);
    this.#options.onChange();
  }

  #awaitSettings(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const { origin, connectTimeoutMs } = this.#options;
    const timer = setTimeout(() => {
      this.#session.destroy(new Error(`no HTTP/2 settings from ${origin} within ${connectTimeoutMs} ms`));
    }, connectTimeoutMs);
    this.#session.on("remoteSettings", () => {
      clearTimeout(timer);
      if (this.#state === "connecting") this.#state = "ready";
      resolve();
      this.#options.onChange();
    });
    this.#session.on("error", (error: Error) => {
      this.#failure = error;
    });
    this.#session.once("close", () => {
      clearTimeout(timer);
      reject(new NotProcessedError(`no connection to ${origin}`, { cause: this.#failure }));
    });
    promise.catch(() => undefined);
    return promise;
  }

  #open({ path, headers, unindexed = [] }: ChannelRequest): http2.ClientHttp2Stream {
    try {
      return this.#session.request({
        ":method": "POST",
        ":path": path,
        ...headers,
        [http2.sensitiveHeaders]: [...unindexed],
      });
    } catch (error) {
      this.#drain();
      throw new NotProcessedError("the connection was closed before the request", { cause: error });
    }
  }

  #exchange(stream: http2.ClientHttp2Stream, body: string, signal: AbortSignal): Promise<ChannelResponse> {
    const { promise, resolve, reject } = Promise.withResolvers<ChannelResponse>();
    let answer: http2.IncomingHttpHeaders | undefined;
    let text = "";
    let failure: Error | undefined;
    const abort = (): void => stream.close(NGHTTP2_CANCEL);
    stream.setEncoding("utf8");
    stream.on("response", (headers) => {
      this.#lastHeard = performance.now();
      answer = headers;
    });
    stream.on("data", (chunk: string) => {
      this.#lastHeard = performance.now();
      if (text.length < MAX_BODY_CHARS) text += chunk.slice(0, MAX_BODY_CHARS - text.length);
    });
    stream.on("end", () => {
      const status = Number(answer?.[":status"]);
      if (answer !== undefined && status > 0) resolve({ status, headers: answer, body: text });
    });
    stream.on("error", (error: Error) => {
      failure = error;
    });
    stream.on("close", () => {
      signal.removeEventListener("abort", abort);
      reject(this.#classify(stream, signal, failure));
    });
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
    stream.end(body);
    return promise;
  }

  /** RFC 9113 §8.7: REFUSED_STREAM, and streams above a GOAWAY's last one, were not processed. */
  #classify(stream: http2.ClientHttp2Stream, signal: AbortSignal, cause: Error | undefined): Error {
    const id = stream.id ?? Infinity;
    if (stream.rstCode === NGHTTP2_REFUSED_STREAM || id > this.#lastProcessed || stream.id === undefined) {
      return new NotProcessedError("the provider did not take the request", { cause });
    }
    if (signal.aborted) {
      this.#question();
      return new AnswerLostError("no answer in time", { cause: signal.reason });
    }
    return new AnswerLostError("the connection was lost before the answer", { cause: cause ?? this.#failure });
  }

  #questionSilence(): void {
    const { pingAfterMs } = this.#options;
    if (pingAfterMs === undefined || this.#inFlight === 0) return;
    if (performance.now() - this.#lastHeard >= pingAfterMs) this.#question();
  }

  /** A half-open connection looks alive for ever (no event tells): only a PING without an answer shows it. */
  #question(): void {
    const { pingAfterMs, pongTimeoutMs, origin } = this.#options;
    if (pingAfterMs === undefined || this.#pinging || this.#session.closed || this.#session.destroyed) return;
    this.#pinging = true;
    const timer = setTimeout(() => {
      this.#session.destroy(new Error(`${origin} has not answered a PING within ${pongTimeoutMs} ms`));
    }, pongTimeoutMs);
    timer.unref();
    this.#session.ping(() => {
      clearTimeout(timer);
      this.#pinging = false;
      this.#lastHeard = performance.now();
    });
  }
}
