import { constants, type ClientHttp2Stream, type IncomingHttpHeaders } from "node:http2";
import { AnswerLostError, NotProcessedError } from "./errors.ts";

export interface ChannelRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body: string;
  /** Headers that differ in each request and would only fill the peer's HPACK table. */
  readonly unindexed?: readonly string[];
  /** True for calls, which overtake other requests. */
  readonly isUrgent?: boolean;
  /** Epoch milliseconds after which it is not sent any more, even if the signal is late. */
  readonly notAfter?: number;
}

export interface ChannelResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Cut at 64 KiB. */
  readonly body: string;
}

/** An answer with its connection, because a provider may say that a connection is unusable. */
export interface ChannelAnswer extends ChannelResponse {
  readonly connection: {
    /** True if further requests may be sent over it. */
    readonly usable: boolean;
    drain(): void;
  };
}

export interface ExchangeParts {
  readonly body: string;
  readonly signal: AbortSignal;
  /** Called when its headers have arrived. */
  readonly onAnswer: (status: number) => void;
  /** Called when any part of it has arrived. */
  readonly onHeard: () => void;
  /** Called when the signal has ended the wait. */
  readonly onGivenUp: () => void;
  /** Returns true if the peer has said in a GOAWAY that it did not process the stream. */
  readonly isUnprocessed: (streamId: number) => boolean;
  /** Returns the error of the connection, if any. */
  readonly whyLost: () => Error | undefined;
}

const MAX_BODY_CHARS = 64 * 1024;
const { NGHTTP2_CANCEL, NGHTTP2_NO_ERROR, NGHTTP2_REFUSED_STREAM } = constants;

/** Sends one request on its stream and reads the answer. Rejects with NotProcessedError or AnswerLostError. */
export function exchange(stream: ClientHttp2Stream, parts: ExchangeParts): Promise<ChannelResponse> {
  const { body, signal, onHeard } = parts;
  const { promise, resolve, reject } = Promise.withResolvers<ChannelResponse>();
  let answer: IncomingHttpHeaders | undefined;
  let text = "";
  let failure: Error | undefined;

  let isFinished = false;

  const finish = (): void => {
    if (answer === undefined) return;
    isFinished = true;
    resolve({ status: Number(answer[":status"]), headers: answer, body: text });
  };
  // Does not wait for the stream to close: that needs its RST_STREAM to be written, which a peer that does not read can
  // prevent.
  const giveUp = (): void => {
    reject(new AnswerLostError("no answer in time", { cause: signal.reason }));
    stream.close(NGHTTP2_CANCEL);
    parts.onGivenUp();
  };
  stream.setEncoding("utf8");
  stream.on("response", (headers) => {
    onHeard();
    answer = headers;
    parts.onAnswer(Number(headers[":status"]));
  });
  stream.on("data", (chunk: string) => {
    onHeard();
    text += chunk.slice(0, MAX_BODY_CHARS - text.length);
    if (text.length < MAX_BODY_CHARS) return;
    finish();
    stream.close(NGHTTP2_CANCEL);
  });
  stream.on("end", () => {
    // A stream that was reset in the middle of its answer ends as well.
    if (stream.rstCode === NGHTTP2_NO_ERROR) finish();
  });
  stream.on("error", (error: Error) => {
    failure = error;
  });
  stream.on("close", () => {
    signal.removeEventListener("abort", giveUp);
    // Building an error costs more than anything else here.
    if (!isFinished) reject(readLoss(stream, failure, parts));
  });
  signal.addEventListener("abort", giveUp, { once: true });
  stream.end(body);
  return promise;
}

/**
 * RFC 9113 §8.7: REFUSED_STREAM, and streams above a GOAWAY's last one, were not processed. A stream without an id was
 * never sent.
 */
function readLoss(stream: ClientHttp2Stream, cause: Error | undefined, parts: ExchangeParts): Error {
  const { id, rstCode } = stream;
  if (id === undefined || rstCode === NGHTTP2_REFUSED_STREAM || parts.isUnprocessed(id)) {
    return new NotProcessedError("streams_refused", "the provider did not take the request", { cause });
  }
  return new AnswerLostError("the connection was lost before the answer", { cause: cause ?? parts.whyLost() });
}
