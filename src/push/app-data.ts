import { domainOf } from "./address.ts";
import type { CallEndWord } from "./call-end.ts";
import { buildCallUuid } from "./uuids.ts";
import type { Push } from "./push.ts";

type Pushed = Pick<Push, "id" | "request" | "acceptedAt" | "deadline">;

/**
 * Returns the custom members that the app gets, alike from Apple and Google. All values are text; times are epoch
 * milliseconds.
 */
export function buildAppData({ id, request, acceptedAt, deadline }: Pushed): Record<string, string> {
  const { kind, callee, caller, callId = id, callUrl } = request;
  const common = {
    ...request.data,
    ...(caller === undefined || !isSaidBy(request) ? {} : { caller }),
    push_id: id,
    type: request.data["type"] ?? kind,
  };
  // A muted chat is silent even if the platform did not ask for it.
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

/**
 * Returns true if the caller has to be named. Messages carry the sender, unless the platform names it in its own
 * members, as NGCP does.
 */
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

/** Returns the text of an alert for which the platform sent none. */
export function buildAlertText({ kind, caller, data, content }: Push["request"]): string {
  const sender = data["sender_name"] || data["sender_number"] || caller || data["room_description"];
  if (kind === "call") return sender ? `Call from ${sender}` : "Incoming call";
  if (kind === "call_end")
    return `${CALL_END_TEXTS[data["event"] ?? ""] ?? "Call ended"}${caller ? `: ${caller}` : ""}`;
  const text = data["message"] ?? "";
  // The title names the sender already.
  if (content?.title !== undefined) return text;
  return sender ? `Message from ${sender}:\n${text}` : text || "New message";
}
