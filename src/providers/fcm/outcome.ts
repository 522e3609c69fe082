import type { FcmReason } from "./explanations.ts";
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
  const retryAfterMs = readRetryAfter(headers["retry-after"], now);
  if (status === 200) return readSuccess(readText(json, "name"), retryAfterMs);
  const word = readWord(json, status) ?? (status === 429 ? "RESOURCE_EXHAUSTED" : undefined);
  return readRefusal(FCM_TABLE, { status, word, retryAfterMs });
}

/** Google names each message that it takes. A 200 without a name comes from a proxy or a wrong server, which sends nothing on. */
function readSuccess(name: string | undefined, retryAfterMs: number | undefined): Reading {
  if (name) return { outcome: { kind: "delivered", providerMessageId: name } };
  const word = "unreadable_answer" satisfies FcmReason;
  return readRefusal(FCM_TABLE, { status: FCM_TABLE[word].status, word, retryAfterMs });
}

/** The most specific word that the table knows and that fits the HTTP status; otherwise FCM's own word, which the status then explains. */
function readWord(json: unknown, httpStatus: number): string | undefined {
  const error = readMember(json, "error");
  const details = [readMember(error, "details")].flat();
  const find = (type: string): unknown => details.find((entry) => readMember(entry, "@type") === type);
  const code = readText(find(FCM_ERROR), "errorCode");
  const front = readText(find(ERROR_INFO), "reason");
  if (httpStatus === 429) {
    const quota = readQuotaWord({ code, front, failure: find(QUOTA_FAILURE), info: find(ERROR_INFO) });
    if (quota !== undefined) return quota;
  }
  // There is no google.rpc status UNREGISTERED: whoever says so is not Google.
  const named = readText(error, "status");
  const status = named === "UNREGISTERED" ? undefined : named;
  if ((code ?? status) === "INVALID_ARGUMENT" && blamesToken(find(BAD_REQUEST), readText(error, "message"))) {
    return "INVALID_TOKEN";
  }
  // Other words of Google's front say no more than the status does.
  const frontWord = front === "SERVICE_DISABLED" || front === "RATE_LIMIT_EXCEEDED" ? front : undefined;
  return [code, frontWord, status].find((word) => isKnown(word, httpStatus)) ?? code ?? frontWord ?? status;
}

function isKnown(word: string | undefined, httpStatus: number): word is FcmReason {
  if (word === undefined || !Object.hasOwn(FCM_TABLE, word)) return false;
  return Math.trunc(FCM_TABLE[word as FcmReason].status / 100) === Math.trunc(httpStatus / 100);
}

interface QuotaWords {
  readonly code: string | undefined;
  readonly front: string | undefined;
  readonly failure: unknown;
  readonly info: unknown;
}

/** Returns the quota that is exhausted: details that name the device or the project say more than the words QUOTA_EXCEEDED and RATE_LIMIT_EXCEEDED. */
function readQuotaWord({ code, front, failure, info }: QuotaWords): FcmReason | undefined {
  const violations = [readMember(failure, "violations")].flat();
  const subjects = violations.map((violation) => readText(violation, "subject") ?? "");
  const descriptions = violations.map((violation) => readText(violation, "description") ?? "");
  const metadata = readMember(info, "metadata");
  const limits = `${readText(metadata, "quota_limit") ?? ""} ${readText(metadata, "quota_metric") ?? ""}`;
  for (const text of [...subjects, ...descriptions, limits]) {
    if (/project/i.test(text)) return "RATE_LIMIT_EXCEEDED";
    if (/device|registration|token/i.test(text)) return "QUOTA_EXCEEDED";
  }
  if (front === "RATE_LIMIT_EXCEEDED") return "RATE_LIMIT_EXCEEDED";
  return code === "QUOTA_EXCEEDED" ? "QUOTA_EXCEEDED" : undefined;
}

/** Google names the field, or says so in its message alone; both forms were recorded from the real service. */
function blamesToken(badRequest: unknown, message: string | undefined): boolean {
  const violations = [readMember(badRequest, "fieldViolations")].flat().filter((one) => one !== undefined);
  if (violations.length === 0) return /\b(?:registration[ -]token|installation id|fid)\b/i.test(message ?? "");
  return violations.some((violation) => /^message\.(?:token|fid)$/.test(readText(violation, "field") ?? ""));
}
