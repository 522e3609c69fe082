import type { ServerHttp2Stream } from "node:http2";
import { Readable } from "node:stream";
import type { ServedConnection } from "./connections/served-connection.ts";
import type { Answer } from "./exchange.ts";
import { encodeHeaders, type HeaderField } from "./frames/header-block.ts";

interface Sink {
  readonly stream: ServerHttp2Stream;
  readonly connection: Pick<ServedConnection, "endStreamWith">;
}

const PIECE = 16_384;
/** More headers than Node accepts (128), about 40 KB. */
const FLOOD: readonly HeaderField[] = Array.from({ length: 1_000 }, (_, index) => [`x-flood-${index}`, "x".repeat(24)]);

export function writeAnswer(answer: Answer, { stream, connection }: Sink): void {
  const { status, headers = {}, body = "", shape = "plain" } = answer;
  const head = { ":status": status, ...headers };
  const raw = (fields: readonly HeaderField[]): void =>
    connection.endStreamWith(stream.id ?? 0, encodeHeaders(stream.id ?? 0, fields, true));
  switch (shape) {
    case "plain":
      stream.respond(head, { endStream: body === "" });
      if (body !== "") writeBody(stream, body);
      return;
    case "two-parts":
      stream.respond(head);
      stream.write(body, () => stream.end());
      return;
    case "informational":
      stream.additionalHeaders({ ":status": 103, link: "</x>; rel=preload" });
      stream.additionalHeaders({ ":status": 102 });
      stream.respond(head);
      stream.end(body);
      return;
    case "trailers":
      stream.respond(head, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers({ "x-trailer": "late" }));
      stream.end(body);
      return;
    case "no-status":
      return raw(Object.entries(headers));
    case "header-flood":
      return raw([[":status", String(status)], ...Object.entries(headers), ...FLOOD]);
  }
}

/** Writes in pieces, because Node refuses further streams of a connection with more than 10 MB buffered. */
function writeBody(stream: ServerHttp2Stream, body: string): void {
  if (body.length <= PIECE) return void stream.end(body);
  const pieces = Array.from({ length: Math.ceil(body.length / PIECE) }, (_, index) =>
    body.slice(index * PIECE, (index + 1) * PIECE),
  );
  Readable.from(pieces, { objectMode: false }).pipe(stream);
}
