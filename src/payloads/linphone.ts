import { domainOf } from "../push/address.ts";
import type { CallEndWord } from "../push/call-end.ts";
import { readApsWishes } from "../push/content.ts";
import type { PushRequest } from "../push/push.ts";
import { compact } from "../push/compact.ts";
import type { ApplePushType } from "./apple.ts";
import { type Content, jsonMemberBytes } from "./fit.ts";
import type { Addressed, GoogleData, PayloadForm } from "./form.ts";
import { buildAppData } from "./standard.ts";

/**
 * Flexisip's members for Linphone apps. `loc-args` is one name; `chat-room-addr` makes the app fetch that room instead
 * of a message, and `uuid` makes it drop a push for another of the user's phones.
 */
const LINPHONE_WORDS = [
  "call-id",
  "chat-room-addr",
  "display-name",
  "from-uri",
  "loc-args",
  "loc-key",
  "send-time",
  "uuid",
] as const;
type LinphoneWord = (typeof LINPHONE_WORDS)[number];

type Words = Readonly<Record<LinphoneWord, string>>;

const WORDS: ReadonlySet<string> = new Set(LINPHONE_WORDS);

/** The app fetches messages by SIP, so their text is not sent to Apple and Google. */
const TEXTS: ReadonlySet<string> = new Set(["message", "full_message"]);
const GROUP_CHAT_INVITE = "GC_MSG";

/** Combines Flexisip's members and our own, so that the longest are dropped first if they are too long. */
function readContent({ push, target }: Addressed): Content {
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

interface LinphoneParts {
  readonly words: Words;
  readonly custom: Readonly<Record<string, string>>;
}

function splitContent({ data }: Content): LinphoneParts {
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

/**
 * Builds the payload like Flexisip's `src/pushnotification/apple/apple-request.cc`. Flexisip's background pushes also
 * have a badge and priority 10, neither of which Apple wants
 * (https://developer.apple.com/documentation/usernotifications/pushing-background-updates-to-your-app).
 */
function buildApplePayload({ push }: Addressed, pushType: ApplePushType, content: Content): object {
  const { words, custom } = splitContent(content);
  const { uuid, "call-id": callId } = words;
  const shown = { "loc-key": words["loc-key"], "loc-args": [words["loc-args"]] };
  const about = compact({ "call-id": callId, uuid: uuid === "" ? undefined : uuid, "send-time": words["send-time"] });
  const common = {
    "from-uri": words["from-uri"],
    "display-name": words["display-name"],
    pn_ttl: Math.round((push.deadline - push.acceptedAt) / 1000),
    customPayload: custom,
  };
  const { title, subtitle, sound, badge, category, threadId, interruptionLevel, others } = readApsWishes(push.request);
  switch (pushType) {
    case "voip":
      return { aps: { sound: "", ...shown, ...about }, ...common };
    case "background":
      return { aps: { "content-available": 1, ...shown, ...about }, ...common };
    case "alert":
      return {
        aps: {
          ...others,
          alert:
            content.alert === undefined
              ? shown
              : compact({
                  title,
                  subtitle,
                  body: content.alert,
                }),
          sound: sound ?? "default",
          // Says only that there are unread messages. The app knows how many.
          badge: badge ?? 1,
          // The app's extension fetches what the Call-ID names. Without one it could only wait.
          ...(callId === "" ? {} : { "mutable-content": 1 }),
          ...(category === undefined ? {} : { category }),
          ...(threadId === undefined ? {} : { "thread-id": threadId }),
          ...(interruptionLevel === undefined ? {} : { "interruption-level": interruptionLevel }),
        },
        ...about,
        "chat-room-addr": words["chat-room-addr"],
        ...common,
      };
  }
}

/** As Flexisip's `src/pushnotification/firebase-v1/firebase-v1-request.cc` has it. */
function buildGoogleData(content: Content): GoogleData {
  const { words, custom } = splitContent(content);
  const { uuid, "chat-room-addr": _forApple, ...others } = words;
  return {
    ...others,
    "sip-from": words["loc-args"],
    ...(uuid === "" ? {} : { uuid }),
    "custom-payload": JSON.stringify(custom),
  };
}

/** Flexisip's words stay, without their value; the other members lie in a JSON text. */
function googleMemberBytes(name: string, value: string): number {
  return WORDS.has(name) ? Buffer.byteLength(value) : jsonMemberBytes(name, value);
}

/** Flexisip's payload, for Linphone and the apps made of it. */
export const LINPHONE: PayloadForm = {
  content: readContent,
  apple: buildApplePayload,
  google: buildGoogleData,
  googleMemberBytes,
};
