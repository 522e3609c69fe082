import type { ErrorCode } from "../gateway/errors.ts";
import type { LaunchOutcome, SignUpStep } from "../gateway/gateway-events.ts";
import type { OutcomeKind } from "../push/outcome.ts";
import type { PushState } from "../push/push.ts";
import type { LineLevel } from "./logger.ts";

/**
 * `warn`: a push is affected. `error`: an operator has to act. A push that goes well has one line, that of its end;
 * what led there is on `debug`.
 */
export const LEVEL_OF_OUTCOME = {
  delivered: "debug",
  unregistered: "info",
  rejected: "warn",
  deferred: "warn",
  misconfigured: "error",
} as const satisfies Record<OutcomeKind, LineLevel>;

export const LEVEL_OF_PUSH_END = {
  pending: "debug",
  delivered: "info",
  failed: "warn",
  expired: "warn",
  cancelled: "info",
  suppressed: "info",
} as const satisfies Record<PushState, LineLevel>;

/** Lower levels for ends that the outcome of the last attempt has already logged. */
export const LEVEL_OF_DELIVERY_END = {
  ...LEVEL_OF_PUSH_END,
  delivered: "debug",
} as const satisfies Record<PushState, LineLevel>;

/** A client over the rate limit may repeat its request very often, so that is logged at a low level. */
export const LEVEL_OF_LAUNCH = {
  redirected: "info",
  shown: "info",
  refused: "info",
  limited: "debug",
} as const satisfies Record<LaunchOutcome, LineLevel>;

export const LEVEL_OF_SIGN_UP = {
  code_sent: "info",
  wrong_code: "info",
  completed: "info",
  limited: "warn",
  refused: "info",
  failed: "error",
} as const satisfies Record<SignUpStep, LineLevel>;

const LEVEL_OF_REFUSAL = {
  missing_field: "warn",
  invalid_field: "warn",
  unknown_field: "warn",
  repeated_field: "warn",
  invalid_encoding: "warn",
  invalid_header: "warn",
  invalid_json: "warn",
  unsupported_content_type: "warn",
  body_too_large: "warn",
  unauthorized: "warn",
  foreign_request: "warn",
  not_found: "info",
  method_not_allowed: "info",
  no_device: "info",
  domain_disabled: "info",
  key_reused: "warn",
  call_over: "info",
  queue_full: "warn",
  overloaded: "warn",
  store_unavailable: "error",
  acceptance_unknown: "error",
  shutting_down: "info",
  internal_error: "error",
} as const satisfies Record<ErrorCode, LineLevel>;

/** A hint addresses the operator, so a refusal with a hint is at least a `warn`. */
export function levelOfRefusal(code: string, hint: string | undefined): LineLevel {
  const level = Object.hasOwn(LEVEL_OF_REFUSAL, code) ? LEVEL_OF_REFUSAL[code as ErrorCode] : "warn";
  return level === "info" && hint !== undefined ? "warn" : level;
}
