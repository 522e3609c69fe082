import { domainOf } from "./address.ts";
import type { CallEndWord } from "./call-end.ts";
import { buildCallUuid } from "./call-uuid.ts";
import type { Push } from "./push.ts";

type Pushed = Pick<Push, "id" | "request" | "acceptedAt" | "deadline">;

/** The custom members that the app gets, the same from Apple and from Google: all text. Times are epoch milliseconds. */
export function buildAppData({ id, request, acceptedAt, deadline }: Pushed): Record<string, string> {
  const { kind, callee, caller, callId = id, callUrl } = request;
  const common = {
    ...request.data,
    ...(caller === undefined || !isSaidBy(request) ? {} : { caller }),
    push_id: id,
    type: request.data["type"] ?? kind,
  };
  // A muted chat is silent although the platform said that it is not.
  if (kind === "call_end") return { ...common, call_id: callId, call_uuid: buildCallUuid(callId) };
  if (kind !== "call") return request.silent ? { ...common, silent: "1" } : common;
  return {
    ...common,
    callee: userOf(callee),
    domain: domainOf(callee),
    call_id: callId,
    call_uuid: buildCallUuid(callId),
    ...(callUrl === undefined ? {} : { call_url: callUrl }),
    sent_at: String(acceptedAt),
    expires_at: String(deadline),
  };
}

/** Messages say who writes, unless the platform has said it in members of its own, as NGCP does. */
function isSaidBy({ kind, caller, data }: Push["request"]): boolean {
  if (kind === "call") return true;
  return kind !== "call_end" && kind !== "wake" && data["sender_sip"] !== caller && data["sender_jid"] !== caller;
}

function userOf(aor: string): string {
  return aor.slice(0, aor.lastIndexOf("@"));
}

const CALL_END_TEXTS: Readonly<Record<string, string>> = {
  answered_elsewhere: "Call answered on another phone",
  declined_elsewhere: "Call declined on another phone",
  cancelled: "Missed call",
  missed: "Missed call",
} satisfies Record<CallEndWord, string>;

/** What an alert says where the platform did not word it. */
export function buildAlertText({ kind, caller, data, content }: Push["request"]): string {
  const sender = data["sender_name"] || data["sender_number"] || caller || data["room_description"];
  if (kind === "call") return sender ? `Call from ${sender}` : "Incoming call";
  if (kind === "call_end")
    return `${CALL_END_TEXTS[data["event"] ?? ""] ?? "Call ended"}${caller ? `: ${caller}` : ""}`;
  const text = data["message"] ?? "";
  // The title says who writes.
  if (content?.title !== undefined) return text;
  return sender ? `Message from ${sender}:\n${text}` : text || "New message";
}
