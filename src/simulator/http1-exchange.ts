import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { MAX_BODY_BYTES, readRawHeaders, type Exchange } from "./exchange.ts";

/** Creates an HTTP/1.1 server without its own socket. Pass it connections with `emit("connection", socket)`. */
export function createHttp1Server(serve: (exchange: Exchange, socket: IncomingMessage["socket"]) => void): Server {
  return createServer((request, response) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on("error", ignore);
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_BODY_BYTES) request.destroy();
      else chunks.push(chunk);
    });
    request.on("end", () => serve(createHttp1Exchange(request, response, Buffer.concat(chunks)), request.socket));
  });
}

function createHttp1Exchange(request: IncomingMessage, response: ServerResponse, body: Buffer): Exchange {
  const drop = () => void request.socket.destroy();
  return {
    method: request.method ?? "",
    path: request.url ?? "",
    ...readRawHeaders(request.rawHeaders),
    body,
    get abandoned() {
      return response.destroyed;
    },
    answer({ status, headers = {}, body = "" }) {
      if (response.destroyed) return;
      response.writeHead(status, { ...headers, "content-length": String(Buffer.byteLength(body)) }).end(body);
    },
    resetStream: drop,
    goAway: ({ processed }) => {
      // HTTP/1.1 has no GOAWAY. Closing the connection after the answer is the closest equivalent.
      if (processed) response.once("finish", () => request.socket.destroySoon());
      else drop();
    },
    dropConnection: drop,
    allowStreams: ignore,
  };
}

function ignore(): void {}
