import type { FastifyReply, FastifyRequest } from "fastify";
import type { Dialect, ForeignAnswer } from "../gateway/dialect.ts";
import { GatewayError, type ErrorCode } from "../gateway/errors.ts";
import type { HttpEvents } from "./http-deps.ts";
import { buildProblem, unexpectedError, type Problem } from "./problem.ts";
import { readError } from "./read-error.ts";
import { compact } from "../push/compact.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Set on routes that accept pushes: the source under which refusals are reported. */
    door?: string;
    /** Set on routes of a dialect that formats its own answers. */
    answer?: NonNullable<Dialect["answer"]>;
  }
}

/** Source label of all other routes. */
export const HTTP_DOOR = "http";

export type AnswerError = (error: unknown, request: FastifyRequest, reply: FastifyReply) => FastifyReply;

/** Handles every error: a problem document for the client, an event for the operator. */
export function createAnswerError(events: HttpEvents): AnswerError {
  return (error, request, reply) => {
    const refusal = readError(error);
    if (refusal === undefined) {
      const route = request.routeOptions.url ?? "an unknown path";
      events.unexpected(`answer ${request.method} ${route}`, error);
      return sendRefusal(request, reply, unexpectedError());
    }
    reportRefusal(events, refusal, request);
    return sendRefusal(request, reply, refusal);
  };
}

function sendRefusal(request: FastifyRequest, reply: FastifyReply, error: GatewayError): FastifyReply {
  const problem = buildProblem(error);
  const { answer } = request.routeOptions.config;
  if (answer === undefined) return sendProblem(reply, problem);
  reply.headers(problem.headers);
  return sendForeign(reply, answer({ kind: "refused", error, status: problem.status }));
}

export function sendForeign(reply: FastifyReply, { status, contentType, body }: ForeignAnswer): FastifyReply {
  return reply.code(status).header("content-type", contentType).send(Buffer.from(body));
}

/** Errors that are reported on any route. */
const DOOR_CODES: ReadonlySet<string> = new Set(["unauthorized", "foreign_request"] satisfies ErrorCode[]);

function reportRefusal(events: HttpEvents, refusal: GatewayError, request: FastifyRequest): void {
  const { door } = request.routeOptions.config;
  const isWorthTelling = door !== undefined || DOOR_CODES.has(refusal.code) || request.is404;
  if (!isWorthTelling) return;
  const { field, hint, bound } = refusal.details;
  events.refused(
    compact({
      dialect: door ?? HTTP_DOOR,
      code: refusal.code,
      detail: refusal.message,
      field,
      hint,
      bound,
      remoteAddress: request.ip,
    }),
  );
}

function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  // Sent as bytes, because fastify would add a charset, which JSON does not have (RFC 8259 §11).
  return reply.code(problem.status).headers(problem.headers).send(Buffer.from(problem.body));
}

const LONGEST_PATH_SHOWN = 100;

export function answerNotFound(request: FastifyRequest): never {
  const [path = ""] = request.url.split("?", 1);
  const shown = path.length > LONGEST_PATH_SHOWN ? `${path.slice(0, LONGEST_PATH_SHOWN)}…` : path;
  throw new GatewayError("not_found", `There is nothing at ${shown}.`, {
    hint: "if a platform posts its pushes there, add the path to its dialect (as dialects.sipwise.paths) in the gateway's configuration",
  });
}
