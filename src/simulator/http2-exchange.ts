import { constants, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import type { OpenedConnection } from "./connections/connection-registry.ts";
import { MAX_BODY_BYTES, readRawHeaders, type Answer, type Exchange, type GoAway } from "./exchange.ts";
import { writeAnswer } from "./write-answer.ts";

const { NGHTTP2_NO_ERROR, NGHTTP2_REFUSED_STREAM } = constants;

/** Passes every complete request of the session to `serve`. */
export function serveHttp2Session(
  session: ServerHttp2Session,
  opened: OpenedConnection,
  serve: (exchange: Exchange) => void,
): void {
  const { connection } = opened;
  connection.attach(session);
  // Sessions and streams emit errors when a client disconnects in the middle, which is not an error of the simulator.
  session.on("error", ignore);
  session.on("stream", (stream: ServerHttp2Stream, _headers, _flags, rawHeaders: readonly string[]) => {
    const id = stream.id ?? 0;
    stream.on("error", ignore);
    if (connection.isOver(id)) return stream.close();
    connection.addStream(id, stream);
    collectBody(stream, (body) => {
      if (stream.destroyed || connection.isOver(id)) return;
      connection.noteServed(id);
      serve(createHttp2Exchange({ opened, stream, rawHeaders, body }));
    });
  });
}

interface Http2Parts {
  readonly opened: OpenedConnection;
  readonly stream: ServerHttp2Stream;
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

function createHttp2Exchange({ opened, stream, rawHeaders, body }: Http2Parts): Exchange {
  const { id: connectionId, connection } = opened;
  const id = stream.id ?? 0;
  const { headers, duplicateHeaders } = readRawHeaders(rawHeaders);

  function goAway({ code, debugData = "", processed }: GoAway): void {
    if (processed) {
      return connection.whenAnswered(id, () => connection.goAway({ code, last: "served", debugData }));
    }
    // Later requests are being processed already, and a GOAWAY must not give them up. So this request alone is refused.
    const isNewest = connection.highestServed === id;
    if (!isNewest && code === 0) connection.resetStream(id, NGHTTP2_REFUSED_STREAM);
    connection.goAway({ code, last: isNewest ? Math.max(0, id - 2) : "served", debugData });
  }

  function answer(parts: Answer): void {
    if (stream.destroyed || stream.closed) return;
    const isError = parts.status >= 400 && parts.status < 500 && parts.status !== 410;
    if (isError) connection.whenAnswered(id, () => connection.noteError());
    writeAnswer(parts, { stream, connection });
  }

  return {
    method: headers[":method"] ?? "",
    path: headers[":path"] ?? "",
    headers,
    duplicateHeaders,
    body,
    connectionId,
    get abandoned() {
      return stream.destroyed || connection.isOver(id);
    },
    answer,
    resetStream: (code) => connection.resetStream(id, code),
    goAway,
    dropConnection: () => connection.drop(),
    allowStreams: (count) => connection.announceStreams(count),
  };
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
