import type { Outcome } from "../../push/outcome.ts";
import type { ChannelResponse } from "../channel/connection.ts";
import { parseJson, readMember, readText } from "../channel/json.ts";
import { readRetryAfter } from "../channel/retry-after.ts";

const FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError";
const BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest";

/** Where Google names no time: https://firebase.google.com/docs/cloud-messaging/scale-fcm */
const QUOTA_PAUSE_MS = 60_000;

interface GoogleError {
  /** FCM's own word, e.g. `UNREGISTERED`. */
  readonly code?: string;
  /** google.rpc status, e.g. `NOT_FOUND`. */
  readonly status?: string;
  readonly badToken: boolean;
}

/**
 * Only FCM's own word condemns a token: a wrong project gives 404 and a missing role 403 as well, for every device at once.
 * https://firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode
 */
export function readOutcome(response: ChannelResponse, now: number): Outcome {
  const { status, headers, body } = response;
  const json = parseJson(body);
  if (status === 200) return { kind: "delivered", providerMessageId: readText(json, "name") ?? "" };
  const error = readError(json);
  const reason = error.code ?? error.status ?? `HTTP ${status}`;
  if (error.code === "UNREGISTERED") return { kind: "unregistered", reason };
  if (status === 429 || status >= 500) {
    const retryAfterMs = readRetryAfter(headers["retry-after"], now) ?? (status === 429 ? QUOTA_PAUSE_MS : undefined);
    return { kind: "deferred", reason, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  }
  if (error.badToken) return { kind: "rejected", reason: "INVALID_TOKEN" };
  if (error.code === "SENDER_ID_MISMATCH" || status === 400) return { kind: "rejected", reason };
  return { kind: "misconfigured", reason };
}

function readError(json: unknown): GoogleError {
  const error = readMember(json, "error");
  const details = readMember(error, "details");
  const entries: readonly unknown[] = Array.isArray(details) ? details : [];
  const fcm = entries.find((entry) => readMember(entry, "@type") === FCM_ERROR);
  const badRequest = entries.find((entry) => readMember(entry, "@type") === BAD_REQUEST);
  const violations = readMember(badRequest, "fieldViolations");
  const code = readText(fcm, "errorCode");
  const status = readText(error, "status");
  return {
    ...(code === undefined ? {} : { code }),
    ...(status === undefined ? {} : { status }),
    badToken:
      Array.isArray(violations) && violations.some((violation) => readText(violation, "field") === "message.token"),
  };
}
