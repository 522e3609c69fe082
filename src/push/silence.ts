import type { Preferences } from "./preferences.ts";
import type { PushRequest } from "./push.ts";

/**
 * Returns the bare JIDs under which a muted chat may be listed: the room for messages in a room, otherwise the sender
 * or the room of an invitation.
 */
function chatsOf(request: PushRequest): string[] {
  const { room_jid: room, sender_jid: jid, sender_sip: sip } = request.data;
  const names = request.kind === "groupchat" && room ? [room] : [room, jid, sip, request.caller];
  return names.flatMap((name) => (name ? [bareJid(name)] : []));
}

function bareJid(jid: string): string {
  return (jid.split("/", 1)[0] ?? jid).toLowerCase();
}

/** Returns true if the push must be silent, because the platform asked for it or the subscriber muted the chat. */
export function isSilent(request: PushRequest, effective: Preferences): boolean {
  if (request.kind === "call") return false;
  const muted = effective.mobile_push_silent_list ?? [];
  return request.silent || (muted.length > 0 && intersects(chatsOf(request), new Set(muted.map(bareJid))));
}

function intersects(names: readonly string[], others: ReadonlySet<string>): boolean {
  return names.some((name) => others.has(name));
}
