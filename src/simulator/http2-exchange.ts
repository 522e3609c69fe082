import { constants, type Http2Session, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import { MAX_BODY_BYTES, readRawHeaders, type Answer, type Exchange, type GoAway } from "./exchange.ts";

const { NGHTTP2_REFUSED_STREAM, NGHTTP2_NO_ERROR } = constants;

/** Everything after this stream id was given up by a GOAWAY. */
interface Fence {
  lastStreamId: number;
  highestServed: number;
}

/** Hands every complete request of the session to `serve`. */
export function serveHttp2Session(session: ServerHttp2Session, serve: (exchange: Exchange) => void): void {
  const fence: Fence = { lastStreamId: Infinity, highestServed: 0 };
  // Sessions and streams end in errors when a client goes away in the middle: that is the client's affair.
  session.on("error", ignore);
  session.on("stream", (stream: ServerHttp2Stream, _headers, _flags, rawHeaders: readonly string[]) => {
    stream.on("error", ignore);
    collectBody(stream, (body) => {
      const id = stream.id ?? 0;
      if (stream.destroyed || id > fence.lastStreamId) return;
      fence.highestServed = Math.max(fence.highestServed, id);
      serve(createHttp2Exchange({ session, stream, rawHeaders, body, fence }));
    });
  });
}

interface Http2Parts {
  readonly session: ServerHttp2Session;
  readonly stream: ServerHttp2Stream;
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  readonly fence: Fence;
}

function createHttp2Exchange({ session, stream, rawHeaders, body, fence }: Http2Parts): Exchange {
  const id = stream.id ?? 0;
  const { headers, duplicateHeaders } = readRawHeaders(rawHeaders);

  function goAway({ code, debugData = "", processed }: GoAway): void {
    if (session.destroyed) return;
    // Requests that came later may have been served already, and a GOAWAY must not disown those.
    fence.lastStreamId = processed || fence.highestServed > id ? fence.highestServed : Math.max(0, id - 2);
    session.goaway(code, fence.lastStreamId, Buffer.from(debugData));
    // Node sends its newest stream in the place of 0, which covers this one: it has to be refused by itself.
    const isCovered = fence.highestServed > id || fence.lastStreamId === 0;
    if (!processed && isCovered && code === 0) stream.close(NGHTTP2_REFUSED_STREAM);
    closeGently(session);
  }

  return {
    method: headers[":method"] ?? "",
    path: headers[":path"] ?? "",
    headers,
    duplicateHeaders,
    body,
    get abandoned() {
      return stream.destroyed || id > fence.lastStreamId;
    },
    answer: (answer) => answerStream(stream, answer),
    refuseStream: () => stream.close(NGHTTP2_REFUSED_STREAM),
    goAway,
    dropConnection: () => session.socket.destroySoon(),
    allowStreams: (count) => {
      if (!session.destroyed) session.settings({ maxConcurrentStreams: count });
    },
  };
}

function answerStream(stream: ServerHttp2Stream, { status, headers = {}, body = "" }: Answer): void {
  if (stream.destroyed || stream.closed) return;
  stream.respond({ ":status": status, ...headers }, { endStream: body === "" });
  if (body !== "") stream.end(body);
}

/** Lets open streams end. `close()` sends a second GOAWAY by itself, so it waits until the first is out. */
function closeGently(session: Http2Session): void {
  setImmediate(() => {
    if (!session.destroyed) session.close();
  });
}

function collectBody(stream: ServerHttp2Stream, onBody: (body: Buffer) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  stream.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) stream.close(NGHTTP2_NO_ERROR);
    else chunks.push(chunk);
  });
  stream.on("end", () => onBody(Buffer.concat(chunks)));
}

function ignore(): void {}
