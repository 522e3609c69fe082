import type { AsyncLocalStorage } from "node:async_hooks";
import type { Socket } from "node:net";
import type { FastifyInstance } from "fastify";
import { GatewayError } from "../gateway/errors.ts";
import { buildRawAnswer, readClientError, type ClientError } from "./client-error.ts";
import type { Connections } from "./connections.ts";
import { HTTP_DOOR } from "./error-answers.ts";
import type { HttpEvents } from "./http-deps.ts";
import { buildProblem } from "./problem.ts";
import { readRescuable, type RescuableRequest } from "./rescue.ts";
import { compact } from "../push/compact.ts";

/** How long a client may go on sending after its answer. Closing at once could lose the answer. */
const LINGER_MS = 1_000;

export interface ClientErrorDeps {
  readonly app: FastifyInstance;
  readonly connections: Connections;
  readonly events: HttpEvents;
  /** Paths without trailing slashes. */
  readonly pushPaths: ReadonlySet<string>;
  readonly rescuedQuery: AsyncLocalStorage<string>;
}

export type ClientErrorHandler = (error: Error, socket: Socket) => void;

/**
 * Handles connections whose input never became a request: recovers pushes, sends an answer if possible, and closes the
 * connection.
 */
export function createClientErrorHandler(deps: ClientErrorDeps): ClientErrorHandler {
  const { connections, events, pushPaths } = deps;
  const givenUp = new WeakSet<Socket>();
  return (error, socket) => {
    // The parser reports an error again when the abandoned connection ends.
    if (givenUp.has(socket)) return;
    givenUp.add(socket);
    const { code, packet } = readParserError(error);
    const rescuable = code === "HPE_INVALID_URL" ? readRescuable(packet, pushPaths) : undefined;
    const isFirstInLine = !connections.owesAnswer(socket);
    if (rescuable !== undefined && isFirstInLine) {
      void rescue(deps, rescuable, socket);
      return;
    }
    const found = readClientError({ code, message: error.message, packet, bytesRead: socket.bytesRead });
    if (found.kind !== "silent") reportClientError(events, found, socket);
    // The client would take an answer now for that of an earlier request on the same connection.
    if (found.kind !== "answer" || !isFirstInLine) {
      socket.destroy();
      return;
    }
    const { status, headers, body } = found.problem;
    answerLast(socket, buildRawAnswer(status, headers, Buffer.from(body)));
  };
}

function reportClientError(events: HttpEvents, found: Exclude<ClientError, { kind: "silent" }>, socket: Socket): void {
  const { code, detail, hint } = found;
  events.refused(
    compact({
      dialect: HTTP_DOOR,
      code,
      detail,
      hint,
      remoteAddress: socket.remoteAddress,
    }),
  );
}

async function rescue(deps: ClientErrorDeps, request: RescuableRequest, socket: Socket): Promise<void> {
  const { app, connections, events, rescuedQuery } = deps;
  const release = connections.hold(socket);
  try {
    const { path, rawQuery, headers } = request;
    const options = { method: "GET", url: path, headers, remoteAddress: socket.remoteAddress ?? "unknown" } as const;
    // `await` must be inside, because fastify starts on the request only then.
    const answer = await rescuedQuery.run(rawQuery, async () => await app.inject(options)).catch(readInjectError);
    const names = ["content-type", "www-authenticate", "retry-after", "cache-control"];
    const kept = names.flatMap((name) => {
      const value = answer.headers[name];
      return typeof value === "string" ? [[name, value] as const] : [];
    });
    answerLast(socket, buildRawAnswer(answer.statusCode, Object.fromEntries(kept), answer.rawPayload));
  } catch (error) {
    events.unexpected("answer a rescued request", error);
    socket.destroy();
  } finally {
    release();
  }
}

interface InjectedAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly rawPayload: Uint8Array;
}

/** A closing fastify accepts no more injected requests. */
function readInjectError(error: unknown): InjectedAnswer {
  if (!(error instanceof Error && "code" in error && error.code === "FST_ERR_REOPENED_CLOSE_SERVER")) throw error;
  const problem = buildProblem(
    new GatewayError("shutting_down", "The gateway is shutting down. Send the push again.", { retryAfterSeconds: 1 }),
  );
  return { statusCode: problem.status, headers: problem.headers, rawPayload: Buffer.from(problem.body) };
}

function answerLast(socket: Socket, bytes: Uint8Array): void {
  if (socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  // The parser is still attached, and would fail again on further input.
  socket.removeAllListeners("data");
  socket.on("data", () => {});
  socket.resume();
  const cut = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once("close", () => clearTimeout(cut));
  socket.once("end", () => socket.destroySoon());
  socket.end(bytes);
}

function readParserError(error: Error): { code: string; packet: Uint8Array } {
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  const packet = "rawPacket" in error && error.rawPacket instanceof Uint8Array ? error.rawPacket : new Uint8Array();
  return { code, packet };
}
