import type { ApsWishes } from "../../push/content.ts";

/** Text of NGCP's module in a group chat, whose messages have no `sender_name`: `Message from ` without a name. */
const NAMELESS = /^Message from :(?=\r?\n|$)/;

/** Inserts the missing name: the room's, the nick of the sender, or an address. */
export function nameSender(aps: ApsWishes, data: Readonly<Record<string, string>>): ApsWishes {
  if (aps.alert === undefined || !NAMELESS.test(aps.alert)) return aps;
  const name = findName(data);
  return name === undefined ? aps : { ...aps, alert: aps.alert.replace(NAMELESS, () => `Message from ${name}:`) };
}

function findName(data: Readonly<Record<string, string>>): string | undefined {
  const { room_description: room, room_jid: roomJid, sender_name: name, sender_jid: jid, sender_sip: sip } = data;
  const nick = readNick(jid) ?? readNick(roomJid);
  const candidates = [name, room, nick, roomJid?.split("/", 1)[0], jid, sip, data["sender_number"]];
  return candidates.find((candidate) => candidate !== undefined && candidate.trim() !== "")?.trim();
}

/** `room@conference.example.org/nick` */
function readNick(jid: string | undefined): string | undefined {
  const slash = jid?.indexOf("/") ?? -1;
  return slash < 0 ? undefined : jid?.slice(slash + 1);
}
