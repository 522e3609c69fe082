import type { Outcome } from "../../push/outcome.ts";
import type { ChannelResponse } from "../channel/connection.ts";
import { readRetryAfter } from "../channel/retry-after.ts";

/** Google has switched this API off; its answers to that are several. Ours is one. */
const RETIRED = "gcm_switched_off";

const UNREGISTERED: ReadonlySet<string> = new Set(["NotRegistered"]);
const PASSING: ReadonlySet<string> = new Set([
  "Unavailable",
  "InternalServerError",
  "DeviceMessageRateExceeded",
  "TopicsMessageRateExceeded",
]);
const MISCONFIGURED: ReadonlySet<string> = new Set(["InvalidApnsCredential", "InvalidPackageName"]);

/** Errors come with HTTP 200, one result per token: https://firebase.google.com/docs/cloud-messaging/http-server-ref */
export function readOutcome({ status, headers, body }: ChannelResponse, now: number): Outcome {
  const retryAfterMs = readRetryAfter(headers["retry-after"], now);
  const later = retryAfterMs === undefined ? {} : { retryAfterMs };
  if (/DeprecatedApi|Deprecated endpoint/.test(body)) return { kind: "misconfigured", reason: RETIRED };
  if (status === 404) return { kind: "misconfigured", reason: RETIRED };
  if (status === 401 || status === 403) return { kind: "misconfigured", reason: "bad_server_key" };
  if (status === 429 || status >= 500) return { kind: "deferred", reason: `HTTP ${status}`, ...later };
  if (status !== 200) return { kind: "rejected", reason: `HTTP ${status}` };
  const result = readResult(body);
  if (result === undefined) return { kind: "deferred", reason: "unreadable_answer" };
  const { message_id: providerMessageId, registration_id: replacementToken, error } = result;
  if (providerMessageId !== undefined) {
    return { kind: "delivered", providerMessageId, ...(replacementToken === undefined ? {} : { replacementToken }) };
  }
  const reason = error ?? "unreadable_answer";
  if (UNREGISTERED.has(reason)) return { kind: "unregistered", reason };
  if (PASSING.has(reason)) return { kind: "deferred", reason, ...later };
  if (MISCONFIGURED.has(reason)) return { kind: "misconfigured", reason };
  return { kind: "rejected", reason };
}

type GcmResult = Readonly<Partial<Record<"message_id" | "registration_id" | "error", string>>>;

function readResult(body: string): GcmResult | undefined {
  try {
    const parsed: { results?: readonly GcmResult[] } = JSON.parse(body);
    return parsed.results?.[0];
  } catch {
    return undefined;
  }
}
