import type { ChannelResponse } from "../channel/exchange.ts";
import { parseJson, readMember, readText } from "../channel/json.ts";
import { readRetryAfter } from "../channel/retry-after.ts";
import { readRefusal, type Reading } from "../outcome-row.ts";
import { APNS_TABLE } from "./outcome-table.ts";

/** Reads Apple's answer to one push by the table. */
export function readOutcome({ status, headers, body }: ChannelResponse, now: number): Reading {
  if (status === 200) {
    return { outcome: { kind: "delivered", providerMessageId: String(headers["apns-id"] ?? "") } };
  }
  const json = parseJson(body);
  const word = readText(json, "reason");
  const retryAfterMs = readRetryAfter(headers["retry-after"], now);
  const reading = readRefusal(APNS_TABLE, { status, word, retryAfterMs });
  const deadSince = readMember(json, "timestamp");
  if (reading.outcome.kind !== "unregistered" || typeof deadSince !== "number") return reading;
  return { outcome: { ...reading.outcome, deadSince } };
}
