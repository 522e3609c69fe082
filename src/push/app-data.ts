import { domainOf } from "./address.ts";
import type { Push } from "./push.ts";

type Pushed = Pick<Push, "id" | "request" | "acceptedAt" | "deadline">;

/** The custom members that the app gets, the same from Apple and from Google: all text. Times are epoch milliseconds. */
export function buildAppData({ id, request, acceptedAt, deadline }: Pushed): Record<string, string> {
  const { kind, callee, caller, callId } = request;
  const common = { ...request.data, push_id: id, type: request.data["type"] ?? kind };
  // A muted chat is silent although the platform said that it is not.
  if (kind !== "call") return request.silent ? { ...common, silent: "1" } : common;
  return {
    ...common,
    callee: userOf(callee),
    domain: domainOf(callee),
    ...(caller === undefined ? {} : { caller }),
    ...(callId === undefined ? {} : { call_id: callId }),
    sent_at: String(acceptedAt),
    expires_at: String(deadline),
  };
}

function userOf(aor: string): string {
  return aor.slice(0, aor.lastIndexOf("@"));
}

/** What an alert says where the platform did not word it. */
export function buildAlertText({ kind, caller, data }: Push["request"]): string {
  const sender = data["sender_name"] || data["sender_number"] || caller || data["room_description"];
  if (kind === "call") return sender ? `Call from ${sender}` : "Incoming call";
  const text = data["message"] ?? "";
  return sender ? `Message from ${sender}:\n${text}` : text || "New message";
}
