import type { Attempt } from "../gateway/push-provider.ts";
import { domainOf } from "../push/address.ts";
import { buildAppData } from "../push/app-data.ts";
import type { CallEndWord } from "../push/call-end.ts";
import { readApsWishes } from "../push/content.ts";
import type { Content } from "../push/fit.ts";
import type { PushRequest } from "../push/push.ts";
import { compact } from "../push/compact.ts";

/**
 * Flexisip's members for Linphone apps. `loc-args` is one name; `chat-room-addr` makes the app fetch that room instead
 * of a message, and `uuid` makes it drop a push for another of the user's phones.
 */
export const LINPHONE_WORDS = [
  "call-id",
  "chat-room-addr",
  "display-name",
  "from-uri",
  "loc-args",
  "loc-key",
  "send-time",
  "uuid",
] as const;
export type LinphoneWord = (typeof LINPHONE_WORDS)[number];

type Words = Readonly<Record<LinphoneWord, string>>;

const WORDS: ReadonlySet<string> = new Set(LINPHONE_WORDS);
export function isLinphoneWord(name: string): boolean {
  return WORDS.has(name);
}

/** The app fetches messages by SIP, so their text is not sent to Apple and Google. */
const TEXTS: ReadonlySet<string> = new Set(["message", "full_message"]);
const GROUP_CHAT_INVITE = "GC_MSG";

/** Combines Flexisip's members and our own, so that the longest are dropped first if they are too long. */
export function readLinphoneContent({ push, target }: Attempt): Content {
  const { request } = push;
  const ours = Object.entries(buildAppData(push)).filter(([name]) => !TEXTS.has(name));
  const words: Words = {
    ...readCaller(request),
    "call-id": request.callId ?? (request.kind === "call" ? push.id : ""),
    "loc-key": chooseLocKey(request),
    "send-time": new Date(push.acceptedAt).toISOString().slice(0, "YYYY-MM-DDThh:mm:ss".length).replace("T", " "),
    uuid: target.deviceId.startsWith("urn:uuid:") ? `<${target.deviceId}>` : "",
  };
  const { alert } = readApsWishes(request);
  return compact({ data: { ...Object.fromEntries(ours), ...words }, alert });
}

export interface LinphoneParts {
  readonly words: Words;
  readonly custom: Readonly<Record<string, string>>;
}

export function splitLinphoneContent({ data }: Content): LinphoneParts {
  const words = Object.fromEntries(LINPHONE_WORDS.map((word) => [word, data[word] ?? ""])) as Words;
  return { words, custom: Object.fromEntries(Object.entries(data).filter(([name]) => !WORDS.has(name))) };
}

type CallerWords = Pick<Words, "chat-room-addr" | "display-name" | "from-uri" | "loc-args">;

function readCaller(request: PushRequest): CallerWords {
  const { caller = "", data } = request;
  const uri = readUri(request);
  const name = data["sender_name"] || (uri === "" ? caller : "");
  const isInvite = chooseLocKey(request) === GROUP_CHAT_INVITE;
  return {
    "from-uri": uri,
    "display-name": name,
    "loc-args": name || uri,
    "chat-room-addr": isInvite ? uri.replace(/^sips?:/i, "").replace(/@.*$/s, "") : "",
  };
}

/** A number or a bare user belongs to the callee's domain. A display name cannot be used. */
function readUri({ caller = "", callee }: PushRequest): string {
  if (/^(?:sips?|tel):/i.test(caller)) return caller;
  if (!/^[^\s<>"]+$/.test(caller)) return "";
  return caller.includes("@") ? `sip:${caller}` : `sip:${caller}@${domainOf(callee)}`;
}

const LOC_KEYS = {
  call: "IC_MSG",
  message: "IM_MSG",
  groupchat: "IM_MSG",
  invite: GROUP_CHAT_INVITE,
  call_end: "Missing call",
  wake: "",
} as const satisfies Record<PushRequest["kind"], string>;

const CALL_END_KEYS: Readonly<Record<string, string>> = {
  answered_elsewhere: "Accepted elsewhere",
  declined_elsewhere: "Declined elsewhere",
  cancelled: "Missing call",
  missed: "Missing call",
} satisfies Record<CallEndWord, string>;

/** Returns the localisation key: the one that the app asked for at registration, or Flexisip's own. */
function chooseLocKey({ kind, data }: PushRequest): string {
  const ended = kind === "call_end" ? CALL_END_KEYS[data["event"] ?? ""] : undefined;
  return data["loc_key"] || (ended ?? LOC_KEYS[kind]);
}
