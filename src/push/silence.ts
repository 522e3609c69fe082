import type { Preferences } from "./preferences.ts";
import type { PushRequest } from "./push.ts";

/**
 * The JIDs a muted chat may be listed under, without resource: the room alone for what is said in it, whoever says it; else
 * the sender, or the room that he invites into.
 */
function chatsOf(request: PushRequest): string[] {
  const { room_jid: room, sender_jid: jid, sender_sip: sip } = request.data;
  const names = request.kind === "groupchat" && room ? [room] : [room, jid, sip, request.caller];
  return names.flatMap((name) => (name ? [bareJid(name)] : []));
}

function bareJid(jid: string): string {
  return (jid.split("/", 1)[0] ?? jid).toLowerCase();
}

/** Whether the push has to come silently: because the platform says so, or because the subscriber muted the chat. */
export function isSilent(request: PushRequest, effective: Preferences): boolean {
  if (request.kind === "call") return false;
  const muted = effective.mobile_push_silent_list ?? [];
  return request.silent || (muted.length > 0 && intersects(chatsOf(request), new Set(muted.map(bareJid))));
}

function intersects(names: readonly string[], others: ReadonlySet<string>): boolean {
  return names.some((name) => others.has(name));
}
