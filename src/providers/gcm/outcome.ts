import type { GcmReason } from "./explanations.ts";
import type { ChannelResponse } from "../channel/exchange.ts";
import { parseJson, readMember, readText } from "../channel/json.ts";
import { readRetryAfter } from "../channel/retry-after.ts";
import { readRefusal, type Reading } from "../outcome-row.ts";
import { GCM_TABLE } from "./outcome-table.ts";

/** The answer of Google's old API to a push for one token, read from the table. */
export function readOutcome({ status, headers, body }: ChannelResponse, now: number): Reading {
  const retryAfterMs = readRetryAfter(headers["retry-after"], now);
  const readOwn = (word: GcmReason): Reading =>
    readRefusal(GCM_TABLE, { status: GCM_TABLE[word].status, word, retryAfterMs });
  // Google has switched this API off; its answers to that are several.
  if (status === 404 || /DeprecatedApi|Deprecated endpoint/.test(body)) return readOwn("gcm_switched_off");
  if (status === 401 || status === 403) return readOwn("bad_server_key");
  if (status !== 200) return readRefusal(GCM_TABLE, { status, word: undefined, retryAfterMs });

  const [result] = [readMember(parseJson(body), "results")].flat();
  const providerMessageId = readText(result, "message_id");
  const replacementToken = readText(result, "registration_id");
  if (providerMessageId !== undefined) {
    const replacement = replacementToken === undefined ? {} : { replacementToken };
    return { outcome: { kind: "delivered", providerMessageId, ...replacement } };
  }
  const word = readText(result, "error");
  if (word === undefined) return readOwn("unreadable_answer");
  // It says with 200 what others say with 400.
  return readRefusal(GCM_TABLE, { status: Object.hasOwn(GCM_TABLE, word) ? status : 400, word, retryAfterMs });
}
