import { GatewayError, type ErrorCode } from "../gateway/errors.ts";
import { compact } from "../push/compact.ts";

interface ProblemKind {
  readonly status: number;
  readonly title: string;
}

/** HTTP status of each error. Nothing else assigns one. */
const PROBLEMS = {
  missing_field: { status: 400, title: "A field is missing" },
  invalid_field: { status: 400, title: "A field is invalid" },
  unknown_field: { status: 400, title: "A field is unknown" },
  repeated_field: { status: 400, title: "A field comes twice" },
  invalid_encoding: { status: 400, title: "The request cannot be decoded" },
  invalid_header: { status: 400, title: "A header is missing or invalid" },
  invalid_json: { status: 400, title: "The body is not a JSON object" },
  unsupported_content_type: { status: 415, title: "The content type is not supported" },
  body_too_large: { status: 413, title: "The body is too large" },
  unauthorized: { status: 401, title: "A valid API key is needed" },
  foreign_request: { status: 403, title: "The request does not come from this machine's programs" },
  not_found: { status: 404, title: "There is no such thing" },
  method_not_allowed: { status: 405, title: "The method is not allowed here" },
  no_device: { status: 404, title: "The subscriber has no device" },
  domain_disabled: { status: 403, title: "Pushes are switched off for the domain" },
  // https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-idempotency-key-header §2.7
  key_reused: { status: 422, title: "The key was used for another push" },
  call_over: { status: 409, title: "The call is over" },
  overloaded: { status: 503, title: "The gateway is overloaded" },
  queue_full: { status: 503, title: "The queue is full" },
  store_unavailable: { status: 503, title: "The store is unavailable" },
  acceptance_unknown: { status: 503, title: "It is not known whether the push was accepted" },
  shutting_down: { status: 503, title: "The gateway is shutting down" },
  internal_error: { status: 500, title: "The gateway failed" },
} as const satisfies Record<ErrorCode, ProblemKind>;

/** RFC 9457 problem details. */
export interface ProblemBody extends ProblemKind {
  readonly type: string;
  readonly detail: string;
  /** Stable; the texts are not. */
  readonly code: string;
  readonly field?: string;
  readonly push_id?: string;
}

export interface Problem {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const CONTENT_TYPE = "application/problem+json";

/** The challenge is the same for a missing and a wrong key. */
const CHALLENGE = 'Bearer realm="sip-pushd", Basic realm="sip-pushd", charset="UTF-8"';

export function buildProblem(error: GatewayError): Problem {
  const { field, pushId, retryAfterSeconds } = error.details;
  const problem = buildBareProblem(
    error.code,
    PROBLEMS[error.code],
    error.message,
    compact({
      field,
      push_id: pushId,
    }),
  );
  const headers = {
    ...problem.headers,
    ...(retryAfterSeconds === undefined ? {} : { "retry-after": String(Math.ceil(retryAfterSeconds)) }),
    ...(error.code === "unauthorized" ? { "www-authenticate": CHALLENGE } : {}),
  };
  return { ...problem, headers };
}

/** Builds a problem without one of the gateway's error codes, for errors of HTTP itself. */
export function buildBareProblem(
  code: string,
  { status, title }: ProblemKind,
  detail: string,
  members: Pick<ProblemBody, "field" | "push_id"> = {},
): Problem {
  const body: ProblemBody = { type: `urn:sip-pushd:problem:${code}`, title, status, detail, code, ...members };
  return { status, headers: { "content-type": CONTENT_TYPE }, body: JSON.stringify(body) };
}

export function unexpectedError(): GatewayError {
  const detail = "The gateway met an error of its own; its log says which. The same request may work later.";
  return new GatewayError("internal_error", detail);
}
