import type { Behaviour } from "../behaviour.ts";
import type { Answer } from "../exchange.ts";
import { retryAfterHeader } from "../play-behaviour.ts";

/** https://firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode */
const FCM_ERRORS = {
  UNSPECIFIED_ERROR: { code: 500, status: "UNKNOWN", message: "Unknown Error." },
  INVALID_ARGUMENT: { code: 400, status: "INVALID_ARGUMENT", message: "Request contains an invalid argument." },
  UNREGISTERED: { code: 404, status: "NOT_FOUND", message: "Requested entity was not found." },
  SENDER_ID_MISMATCH: { code: 403, status: "PERMISSION_DENIED", message: "SenderId mismatch" },
  QUOTA_EXCEEDED: {
    code: 429,
    status: "RESOURCE_EXHAUSTED",
    message: "Resource has been exhausted (e.g. check quota).",
  },
  UNAVAILABLE: { code: 503, status: "UNAVAILABLE", message: "The service is currently unavailable." },
  INTERNAL: { code: 500, status: "INTERNAL", message: "Internal error encountered." },
  THIRD_PARTY_AUTH_ERROR: { code: 401, status: "UNAUTHENTICATED", message: "Auth error from APNS or Web Push Service" },
  // Former name of THIRD_PARTY_AUTH_ERROR.
  APNS_AUTH_ERROR: { code: 401, status: "UNAUTHENTICATED", message: "Auth error from APNS" },
} as const;

/** google.rpc statuses without an FcmError, which say nothing about the device. */
const PLAIN_ERRORS = {
  UNAUTHENTICATED: {
    code: 401,
    status: "UNAUTHENTICATED",
    message:
      "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.",
  },
  PERMISSION_DENIED: {
    code: 403,
    status: "PERMISSION_DENIED",
    message: "Permission 'cloudmessaging.messages.create' denied on the project (or it may not exist).",
  },
  NOT_FOUND: { code: 404, status: "NOT_FOUND", message: "Requested entity was not found." },
  RESOURCE_EXHAUSTED: { code: 429, status: "RESOURCE_EXHAUSTED", message: "Quota exceeded." },
} as const;

/**
 * Errors of Google's front end before FCM has seen the push. Their reasons are in an ErrorInfo.
 * https://cloud.google.com/apis/design/errors#error_info, https://github.com/firebase/firebase-admin-go/issues/719
 */
const FRONT_ERRORS = {
  SERVICE_DISABLED: {
    code: 403,
    status: "PERMISSION_DENIED",
    message: "Firebase Cloud Messaging API has not been used in this project before or it is disabled.",
  },
  RATE_LIMIT_EXCEEDED: {
    code: 429,
    status: "RESOURCE_EXHAUSTED",
    message:
      "Quota exceeded for quota metric 'Send requests' and limit 'Send requests per minute' of service 'fcm.googleapis.com'.",
  },
} as const;

export type FcmErrorCode = keyof typeof FCM_ERRORS;

interface RpcError {
  readonly code: number;
  readonly status: string;
  readonly message: string;
}

export interface FieldViolation {
  readonly field: string;
  readonly description: string;
}

const FCM_ERROR_TYPE = "type.googleapis.com/google.firebase.fcm.v1.FcmError";
const BAD_REQUEST_TYPE = "type.googleapis.com/google.rpc.BadRequest";
const QUOTA_FAILURE_TYPE = "type.googleapis.com/google.rpc.QuotaFailure";
const ERROR_INFO_TYPE = "type.googleapis.com/google.rpc.ErrorInfo";

export function buildFcmSuccess(name: string): Answer {
  return buildJson(200, { name });
}

/** Refusal by FCM itself, with its error code and the offending field if there is one. */
export function buildInvalidArgument(message: string, violation?: FieldViolation): Answer {
  const details = [{ "@type": FCM_ERROR_TYPE, errorCode: "INVALID_ARGUMENT" }, ...violationDetails(violation)];
  return buildError({ ...FCM_ERRORS.INVALID_ARGUMENT, message }, details);
}

/** Refusal of a bad token that does not name the field: https://github.com/firebase/firebase-admin-java/issues/1064 */
export function buildInvalidToken(): Answer {
  return buildInvalidArgument("The registration token is not a valid FCM registration token");
}

/** Refusal before FCM saw the push, because the JSON does not match the message's types. */
export function buildMalformed(message: string, violation?: FieldViolation): Answer {
  return buildError({ ...FCM_ERRORS.INVALID_ARGUMENT, message }, violationDetails(violation));
}

export function buildUnauthenticated(reason: "CREDENTIALS_MISSING" | "ACCESS_TOKEN_EXPIRED"): Answer {
  const info = {
    "@type": ERROR_INFO_TYPE,
    reason,
    domain: "googleapis.com",
    metadata: { service: "fcm.googleapis.com" },
  };
  const answer = buildError(PLAIN_ERRORS.UNAUTHENTICATED, [info]);
  return {
    ...answer,
    headers: { ...answer.headers, "www-authenticate": 'Bearer realm="https://accounts.google.com/"' },
  };
}

export function buildPermissionDenied(projectId: string): Answer {
  const resource = `//cloudresourcemanager.googleapis.com/projects/${projectId}`;
  const info = {
    "@type": ERROR_INFO_TYPE,
    reason: "IAM_PERMISSION_DENIED",
    domain: "cloudresourcemanager.googleapis.com",
    metadata: { permission: "cloudmessaging.messages.create", resource: `projects/${projectId}` },
  };
  const message = `Permission 'cloudmessaging.messages.create' denied on resource '${resource}' (or it may not exist).`;
  return buildError({ ...PLAIN_ERRORS.PERMISSION_DENIED, message }, [info]);
}

export function buildFcmError(code: FcmErrorCode): Answer {
  const quota = {
    "@type": QUOTA_FAILURE_TYPE,
    violations: [{ subject: "device", description: "Device message rate" }],
  };
  const details = code === "QUOTA_EXCEEDED" ? [quota] : [];
  return buildError(FCM_ERRORS[code], [{ "@type": FCM_ERROR_TYPE, errorCode: code }, ...details]);
}

function buildFrontError(reason: keyof typeof FRONT_ERRORS): Answer {
  const metadata = { service: "fcm.googleapis.com" };
  return buildError(FRONT_ERRORS[reason], [{ "@type": ERROR_INFO_TYPE, reason, domain: "googleapis.com", metadata }]);
}

/** Error page of Google's front end when the service behind it does not answer. */
export function buildHtmlError(status: number): Answer {
  const body = `<!DOCTYPE html><html lang=en><title>Error ${status}</title><p><b>${status}.</b> That’s an error.</html>`;
  return { status, headers: { "content-type": "text/html; charset=UTF-8" }, body };
}

/** Returns the answer that a script asks for, or undefined if the push should be accepted. */
export function buildScriptedAnswer(behaviour: Behaviour): Answer | undefined {
  const answer = pickScripted(behaviour);
  if (answer === undefined) return undefined;
  const status = behaviour.status ?? answer.status;
  return { ...answer, status, headers: { ...answer.headers, ...retryAfterHeader(behaviour) } };
}

function isFcmErrorCode(text: string): text is FcmErrorCode {
  return Object.hasOwn(FCM_ERRORS, text);
}

function pickScripted({ reason, status = 200 }: Behaviour): Answer | undefined {
  if (reason === undefined) return status === 200 ? undefined : buildHtmlError(status);
  if (reason === "INVALID_TOKEN") return buildInvalidToken();
  if (reason === "unreadable_answer") return { ...buildHtmlError(502), status: 200 };
  if (isFcmErrorCode(reason)) return buildFcmError(reason);
  if (Object.hasOwn(FRONT_ERRORS, reason)) return buildFrontError(reason as keyof typeof FRONT_ERRORS);
  if (Object.hasOwn(PLAIN_ERRORS, reason)) return buildError(PLAIN_ERRORS[reason as keyof typeof PLAIN_ERRORS], []);
  const code = status === 200 ? 400 : status;
  return buildError({ code, status: reason, message: reason }, [{ "@type": FCM_ERROR_TYPE, errorCode: reason }]);
}

function violationDetails(violation: FieldViolation | undefined): readonly object[] {
  return violation === undefined ? [] : [{ "@type": BAD_REQUEST_TYPE, fieldViolations: [violation] }];
}

function buildError(error: RpcError, details: readonly object[]): Answer {
  const { code, message, status } = error;
  return buildJson(code, { error: { code, message, status, ...(details.length > 0 ? { details } : {}) } });
}

function buildJson(status: number, body: object): Answer {
  return {
    status,
    headers: { "content-type": "application/json; charset=UTF-8" },
    body: `${JSON.stringify(body, undefined, 2)}\n`,
  };
}
