import type { Outcome } from "../../push/outcome.ts";
import type { ChannelResponse } from "../channel/connection.ts";
import { parseJson, readMember, readText } from "../channel/json.ts";
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
  const [result] = [readMember(parseJson(body), "results")].flat();
  const providerMessageId = readText(result, "message_id");
  const replacementToken = readText(result, "registration_id");
  if (providerMessageId !== undefined) {
    return { kind: "delivered", providerMessageId, ...(replacementToken === undefined ? {} : { replacementToken }) };
  }
  const reason = readText(result, "error");
  if (reason === undefined) return { kind: "deferred", reason: "unreadable_answer" };
  if (UNREGISTERED.has(reason)) return { kind: "unregistered", reason };
  if (PASSING.has(reason)) return { kind: "deferred", reason, ...later };
  if (MISCONFIGURED.has(reason)) return { kind: "misconfigured", reason };
  return { kind: "rejected", reason };
}
