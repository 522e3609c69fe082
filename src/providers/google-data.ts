import type { Attempt } from "../gateway/push-provider.ts";
import { buildAppData } from "../push/app-data.ts";
import { buildVialerData } from "../push/vialer-data.ts";
import { fitContent, type Content, type PayloadSize } from "../push/fit.ts";
import { jsonMemberBytes, plainMemberBytes } from "../push/payload-bytes.ts";
import type { PayloadProfile } from "../push/payload-profile.ts";
import { isLinphoneWord, readLinphoneContent, splitLinphoneContent } from "./linphone-content.ts";

/** Keys and values together, of FCM and of GCM: https://firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode */
const DATA_LIMIT_BYTES = 4096;

/** Names that Google keeps for itself, and refuses a push for. */
const RESERVED = /^(?:from|message_type|collapse_key|(?:google|gcm)(?:\..*)?)$/i;

type Data = Readonly<Record<string, string>>;

/** The app's data, within what Google takes. `profile`: the app's, where the push asks for none. */
export function buildGoogleData(attempt: Attempt, profile: PayloadProfile | undefined): Data {
  const { read, render, memberBytes } = FORMS[attempt.push.request.profile ?? profile ?? "standard"];
  const size = { measure: (content: Content) => measure(render(content)), memberBytes };
  return render(fitContent(read(attempt), size, DATA_LIMIT_BYTES));
}

interface Form {
  readonly read: (attempt: Attempt) => Content;
  readonly render: (content: Content) => Data;
  readonly memberBytes: PayloadSize["memberBytes"];
}

const FORMS = {
  standard: {
    read: ({ push }) => keepAllowed(buildAppData(push)),
    render: ({ data }) => data,
    memberBytes: plainMemberBytes,
  },
  vialer: {
    read: ({ push }) => keepAllowed(buildVialerData(push)),
    render: ({ data }) => data,
    memberBytes: plainMemberBytes,
  },
  linphone: { read: readLinphoneContent, render: renderLinphoneData, memberBytes: linphoneMemberBytes },
} as const satisfies Record<PayloadProfile, Form>;

function keepAllowed(data: Data): Content {
  return { data: Object.fromEntries(Object.entries(data).filter(([name]) => !RESERVED.test(name))) };
}

/** As Flexisip's `src/pushnotification/firebase-v1/firebase-v1-request.cc` has it. */
function renderLinphoneData(content: Content): Data {
  const { words, custom } = splitLinphoneContent(content);
  const { uuid, "chat-room-addr": _forApple, ...others } = words;
  return {
    ...others,
    "sip-from": words["loc-args"],
    ...(uuid === "" ? {} : { uuid }),
    "custom-payload": JSON.stringify(custom),
  };
}

/** Flexisip's words stay, without their value; the other members lie in a JSON text. */
function linphoneMemberBytes(name: string, value: string): number {
  return isLinphoneWord(name) ? Buffer.byteLength(value) : jsonMemberBytes(name, value);
}

function measure(data: Data): number {
  return Object.entries(data).reduce((sum, [name, value]) => sum + plainMemberBytes(name, value), 0);
}
