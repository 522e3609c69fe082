import { constants, type ClientHttp2Stream, type IncomingHttpHeaders } from "node:http2";
import { AnswerLostError, NotProcessedError } from "./errors.ts";

export interface ChannelRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body: string;
  /** Headers that change with each request and would only fill the peer's HPACK table. */
  readonly unindexed?: readonly string[];
  /** For a call: it overtakes what is not. */
  readonly isUrgent?: boolean;
  /** Epoch milliseconds: from then on it is not sent any more, whoever is late to give it up. */
  readonly notAfter?: number;
}

export interface ChannelResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Cut at 64 KiB. */
  readonly body: string;
}

/** An answer, and what it came over: a provider may say that a connection is of no use any more. */
export interface ChannelAnswer extends ChannelResponse {
  readonly connection: {
    /** Further requests may go over it. */
    readonly usable: boolean;
    drain(): void;
  };
}

export interface ExchangeParts {
  readonly body: string;
  readonly signal: AbortSignal;
  /** Its headers have come. */
  readonly onAnswer: (status: number) => void;
  /** Something of it has come. */
  readonly onHeard: () => void;
  /** The signal has ended the wait. */
  readonly onGivenUp: () => void;
  /** Whether the peer has said in a GOAWAY that it has not worked on the stream. */
  readonly isUnprocessed: (streamId: number) => boolean;
  /** What happened to the connection. */
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

  const finish = (): void => {
    if (answer !== undefined) resolve({ status: Number(answer[":status"]), headers: answer, body: text });
  };
  // The stream closes only when its RST_STREAM is written, which a peer that does not read can prevent: nobody waits for that.
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
    // A stream that was reset ends as well, in the middle of its answer.
    if (stream.rstCode === NGHTTP2_NO_ERROR) finish();
  });
  stream.on("error", (error: Error) => {
    failure = error;
  });
  stream.on("close", () => {
    signal.removeEventListener("abort", giveUp);
    reject(readLoss(stream, failure, parts));
  });
  signal.addEventListener("abort", giveUp, { once: true });
  stream.end(body);
  return promise;
}

/** RFC 9113 §8.7: REFUSED_STREAM, and streams above a GOAWAY's last one, were not processed. One without an id was never sent. */
function readLoss(stream: ClientHttp2Stream, cause: Error | undefined, parts: ExchangeParts): Error {
  const { id, rstCode } = stream;
  if (id === undefined || rstCode === NGHTTP2_REFUSED_STREAM || parts.isUnprocessed(id)) {
    return new NotProcessedError("streams_refused", "the provider did not take the request", { cause });
  }
  return new AnswerLostError("the connection was lost before the answer", { cause: cause ?? parts.whyLost() });
}
