import type { ChannelResponse } from "../channel/exchange.ts";
import { parseJson, readMember, readText } from "../channel/json.ts";
import { readRetryAfter } from "../channel/retry-after.ts";
import { readRefusal, type Reading } from "../outcome-row.ts";
import { FCM_TABLE } from "./outcome-table.ts";

const FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError";
const BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest";
const ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo";
const QUOTA_FAILURE = "type.googleapis.com/google.rpc.QuotaFailure";

/** Google's answer to one push, read from the table. */
export function readOutcome({ status, headers, body }: ChannelResponse, now: number): Reading {
  const json = parseJson(body);
  if (status === 200) return { outcome: { kind: "delivered", providerMessageId: readText(json, "name") ?? "" } };
  const retryAfterMs = readRetryAfter(headers["retry-after"], now);
  const word = readWord(json) ?? (status === 429 ? "RESOURCE_EXHAUSTED" : undefined);
  return readRefusal(FCM_TABLE, { status, word, retryAfterMs });
}

/** FCM's own word, else that of Google's front, else the google.rpc status. */
function readWord(json: unknown): string | undefined {
  const error = readMember(json, "error");
  const details = [readMember(error, "details")].flat();
  const find = (type: string): unknown => details.find((entry) => readMember(entry, "@type") === type);
  const code = readText(find(FCM_ERROR), "errorCode");
  if (code === "QUOTA_EXCEEDED" && namesProject(find(QUOTA_FAILURE))) return "RATE_LIMIT_EXCEEDED";
  const status = readText(error, "status");
  if ((code ?? status) === "INVALID_ARGUMENT" && blamesToken(find(BAD_REQUEST))) return "INVALID_TOKEN";
  // There is no google.rpc status UNREGISTERED: whoever says so is not Google.
  return code ?? readFrontWord(find(ERROR_INFO)) ?? (status === "UNREGISTERED" ? undefined : status);
}

/** Other words of Google's front say no more than the status does. */
function readFrontWord(info: unknown): string | undefined {
  const word = readText(info, "reason");
  return word === "SERVICE_DISABLED" || word === "RATE_LIMIT_EXCEEDED" ? word : undefined;
}

function blamesToken(badRequest: unknown): boolean {
  const violations = [readMember(badRequest, "fieldViolations")].flat();
  return violations.some((violation) => readText(violation, "field") === "message.token");
}

function namesProject(quotaFailure: unknown): boolean {
  const violations = [readMember(quotaFailure, "violations")].flat();
  return violations.some((violation) =>
    /project/i.test(`${readText(violation, "subject")} ${readText(violation, "description")}`),
  );
}
