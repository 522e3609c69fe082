import type { FullBound } from "./push-store.ts";

/**
 * Stable codes of everything that can be wrong with a request. They are API; texts are not. Only `http/problem.ts` maps
 * them to a status.
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
  /** Request field with the error. */
  readonly field?: string;
  /** For the operator's log: what to change at the sender. */
  readonly hint?: string;
  readonly pushId?: string;
  /** For `queue_full`: the bound that is reached. */
  readonly bound?: FullBound;
  /** For refusals that are temporary. */
  readonly retryAfterSeconds?: number;
}

/** A request that cannot be served, with a reason on which its sender can act. */
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
