import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { GatewayError } from "../../gateway/errors.ts";
import type { Dialect } from "../../gateway/dialect.ts";
import { buildProblem } from "../problem.ts";
import { trimSlashes } from "../rescue.ts";
import { readDomain } from "./read-domain.ts";
import type { Shedder } from "./shedder.ts";

export interface AdmissionDeps {
  readonly shedder: Pick<Shedder, "admits" | "isShedding">;
  /** Returns how long the event loop's current work has waited, in milliseconds. */
  readonly readDelayMs: () => number;
  readonly dialects: readonly Pick<Dialect, "paths" | "answer">[];
  /** Returns the name of the request's API key, or undefined if it has no valid one. */
  readonly findKeyName: (headers: IncomingMessage["headers"]) => string | undefined;
  /** Returns true if each answer is the last one of its connection. */
  readonly isEnding: () => boolean;
  readonly onRefused: () => void;
}

export type Admission = (next: RequestListener) => RequestListener;

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  /** ASCII, because a string is sent together with the head in one write. */
  readonly body: string;
}

const RETRY_AFTER_SECONDS = 1;
/** Routes that an operator needs, and those for calls that were admitted before. */
const EXEMPT = /^\/(?:healthz|readyz|metrics|v1\/registrations|v1\/calls\/[^/]+\/events)(?:\?|$)/;

/** Refuses requests that the gateway cannot serve in time, before anything is parsed. */
export function createAdmission(deps: AdmissionDeps): Admission {
  const { shedder, readDelayMs, findKeyName } = deps;
  const answerFor = createAnswers(deps.dialects);

  function refuse(request: IncomingMessage, response: ServerResponse): void {
    const { status, headers, body } = answerFor(request.url ?? "");
    deps.onRefused();
    if (deps.isEnding() && request.httpVersionMajor === 1) response.setHeader("connection", "close");
    response.writeHead(status, headers);
    response.end(body);
  }

  return (next) => (request, response) => {
    const delayMs = readDelayMs();
    const url = request.url ?? "";
    if (!shedder.isShedding) {
      if (shedder.admits(delayMs, undefined) || EXEMPT.test(url)) next(request, response);
      else refuse(request, response);
      return;
    }
    if (EXEMPT.test(url)) {
      next(request, response);
      return;
    }
    const judge = (domain: string | undefined): void => {
      const source = { key: findKeyName(request.headers) ?? "", domain: domain ?? "" };
      if (shedder.admits(delayMs, source)) next(request, response);
      else refuse(request, response);
    };
    const domain = readDomain(url);
    if (domain !== undefined || !hasBody(request)) judge(domain);
    else peek(request, (start) => judge(readDomain(start)));
  };
}

function hasBody({ headers, method, httpVersionMajor }: IncomingMessage): boolean {
  // HTTP/2 does not require a length.
  if (httpVersionMajor === 2) return method !== "GET" && method !== "HEAD";
  const { "content-length": length, "transfer-encoding": encoding } = headers;
  return encoding !== undefined || (length !== undefined && length !== "0");
}

const PEEKED_BYTES = 2_048;

/** Reads the beginning of the body without consuming it. Never calls back if the client disconnects first. */
function peek(request: IncomingMessage, onStart: (start: string) => void): void {
  request.once("readable", () => {
    const chunk: unknown = request.read();
    if (!Buffer.isBuffer(chunk)) {
      onStart("");
      return;
    }
    request.unshift(chunk);
    onStart(chunk.toString("latin1", 0, PEEKED_BYTES));
  });
}

/** Renders the answers once, because a refusal must cost next to nothing. */
function createAnswers(dialects: AdmissionDeps["dialects"]): (url: string) => Answer {
  const detail = "The gateway has more to do than it can. Nothing was stored. Try again.";
  const error = new GatewayError("overloaded", detail, { retryAfterSeconds: RETRY_AFTER_SECONDS });
  const { status, headers, body } = buildProblem(error);
  const common = { ...headers, "cache-control": "no-store" };
  const build = (answer: { readonly status: number; readonly contentType?: string; readonly body: string }): Answer => {
    const all = {
      ...common,
      ...(answer.contentType === undefined ? {} : { "content-type": answer.contentType }),
      "content-length": String(Buffer.byteLength(answer.body)),
    };
    return { status: answer.status, headers: all, body: answer.body };
  };
  const usual = build({ status, body });
  const foreign = dialects.flatMap(({ paths, answer }) =>
    answer === undefined ? [] : paths.map((path) => [path, build(answer({ kind: "refused", error, status }))] as const),
  );
  return (url) => {
    const path = trimSlashes(url.split("?", 1)[0] ?? "");
    return foreign.find(([pattern]) => matches(pattern, path))?.[1] ?? usual;
  };
}

function matches(pattern: string, path: string): boolean {
  return pattern.endsWith("/*") ? path.startsWith(pattern.slice(0, -1)) : trimSlashes(pattern) === path;
}
