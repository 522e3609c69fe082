import type { IncomingMessage } from "node:http";
import { Http2ServerRequest } from "node:http2";
import type { FastifyRequest, onRequestHookHandler } from "fastify";
import { GatewayError } from "../gateway/errors.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Set on routes whose body is optional. */
    isBodyOptional?: boolean;
  }
}

/** Checks parts of a request's head that fastify and Node ignore. */
export const checkRequestHead: onRequestHookHandler = (request, reply, done) => {
  const problem = findHeadProblem(request.raw);
  if (problem !== undefined) {
    // Later bytes on such a connection might be parsed differently than their sender meant.
    if (problem.code === "invalid_header") reply.header("connection", "close");
    done(problem);
    return;
  }
  if (!takesBody(request) && isBodyless(request.raw)) {
    // Clients with fixed headers send a Content-Type with every request. Without content it has no meaning (RFC 9110
    // §8.3).
    delete request.headers["content-type"];
  }
  done();
};

function findHeadProblem(raw: IncomingMessage): GatewayError | undefined {
  const { "content-encoding": encoding, host } = raw.headers;
  if (raw.httpVersion === "1.1" && host === undefined) {
    return new GatewayError("invalid_header", "An HTTP/1.1 request needs a Host header (RFC 9112 §3.2).", {
      field: "host",
    });
  }
  if (raw.httpVersionMajor === 1 && countHeader(raw.rawHeaders, "host") > 1) {
    return new GatewayError("invalid_header", "The request has several Host headers (RFC 9112 §3.2).", {
      field: "host",
    });
  }
  if (encoding !== undefined && encoding.trim().toLowerCase() !== "identity") {
    const detail = "The body is compressed (Content-Encoding). Send it as it is.";
    return new GatewayError("unsupported_content_type", detail, { field: "content-encoding" });
  }
  return undefined;
}

/** Node lists names and values alternately. */
function countHeader(rawHeaders: readonly string[], name: string): number {
  return rawHeaders.filter((text, index) => index % 2 === 0 && text.toLowerCase() === name).length;
}

function takesBody({ routeOptions }: FastifyRequest): boolean {
  if (routeOptions.config.isBodyOptional === true) return false;
  return routeOptions.schema?.body !== undefined || routeOptions.config.door !== undefined;
}

function isBodyless(raw: IncomingMessage): boolean {
  const { "content-length": length, "transfer-encoding": coding } = raw.headers;
  if (length !== undefined) return Number(length) === 0;
  if (raw instanceof Http2ServerRequest) return raw.stream.endAfterHeaders;
  return coding === undefined;
}
