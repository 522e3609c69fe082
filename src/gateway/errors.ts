import type { FullBound } from "./push-store.ts";

/**
 * What can be wrong with a request, as stable codes: they are API, texts are not. `http/problem.ts` gives each its
 * status; nothing else does.
 */
export const ERROR_CODES = [
  "missing_field",
  "invalid_field",
  "unknown_field",
  "repeated_field",
  "invalid_encoding",
  "invalid_header",
  "invalid_json",
  "unsupported_content_type",
  "body_too_large",
  "unauthorized",
  "foreign_request",
  "not_found",
  "method_not_allowed",
  "no_device",
  "domain_disabled",
  "key_reused",
  "call_over",
  "queue_full",
  "overloaded",
  "store_unavailable",
  "acceptance_unknown",
  "shutting_down",
  "internal_error",
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

export interface ErrorDetails {
  /** The field of the request that is wrong. */
  readonly field?: string;
  /** For the operator's log: what to mend at the sender. */
  readonly hint?: string;
  readonly pushId?: string;
  /** For `queue_full`: what is full. */
  readonly bound?: FullBound;
  /** For refusals that pass by themselves. */
  readonly retryAfterSeconds?: number;
}

/** A request that cannot be served, with a reason that its sender can act on. */
export class GatewayError extends Error {
  override readonly name = "GatewayError";
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails & { readonly cause?: unknown } = {}) {
    const { cause, ...rest } = details;
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.details = rest;
  }
}
