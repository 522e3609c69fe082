import type { Attempt } from "../../gateway/push-provider.ts";
import { buildAppData } from "../../push/app-data.ts";
import { buildBodyData, buildShownData } from "../../push/content.ts";
import { isGooglesName } from "../../push/data-names.ts";
import { isIosByFirebase } from "../../push/device.ts";
import { buildVialerData } from "../../push/vialer-data.ts";
import { fitContent, type Content, type PayloadSize } from "../../push/fit.ts";
import { jsonMemberBytes, plainMemberBytes } from "../../push/payload-bytes.ts";
import type { PayloadProfile } from "../../push/payload-profile.ts";
import { readAlertText } from "../apple-payload.ts";
import { isLinphoneWord, readLinphoneContent, splitLinphoneContent } from "../linphone-content.ts";
import { compact } from "../../push/compact.ts";

/** Keys and values together, of FCM and of GCM: https://firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode */
const DATA_LIMIT_BYTES = 4096;

type Data = Readonly<Record<string, string>>;

export interface GoogleParts {
  /** Text alone, as Google demands. */
  readonly data: Data;
  /** What an iPhone shows. */
  readonly alert?: string;
}

/** How many bytes of the limit something else takes, beside the data. */
export type MeasureOthers = (alert: string | undefined) => number;

/** The app's data, within what Google takes. `profile`: the app's, where the push asks for none. */
export function buildGoogleParts(
  attempt: Attempt,
  profile: PayloadProfile | undefined,
  measureOthers: MeasureOthers = () => 0,
): GoogleParts {
  const { read, render, memberBytes } = FORMS[attempt.push.request.profile ?? profile ?? "standard"];
  const isIos = isForIos(attempt);
  const build = (content: Content): Data =>
    isIos ? render(content) : { ...buildBodyData(content.alert), ...render(content) };
  const measure = (content: Content): number => sumBytes(build(content)) + measureOthers(content.alert);
  const fitted = fitContent(withAlert(read(attempt), attempt), { measure, memberBytes }, DATA_LIMIT_BYTES);
  return compact({ data: build(fitted), alert: fitted.alert });
}

export function isForIos({ target }: Pick<Attempt, "target">): boolean {
  return isIosByFirebase(target.tokenKind);
}

/** An Android app shows what it likes of its data, and so gets the body only if there is one; an iPhone shows what it is told. */
function withAlert({ data }: Content, attempt: Attempt): Content {
  const { request } = attempt.push;
  if (request.silent) return { data };
  const alert = isForIos(attempt) ? readAlertText(request) : request.content?.body;
  return alert === undefined ? { data } : { data, alert };
}

interface Form {
  readonly read: (attempt: Attempt) => Content;
  readonly render: (content: Content) => Data;
  readonly memberBytes: PayloadSize["memberBytes"];
}

const FORMS = {
  standard: { read: readContent(buildAppData), render: ({ data }) => data, memberBytes: plainMemberBytes },
  vialer: { read: readContent(buildVialerData), render: ({ data }) => data, memberBytes: plainMemberBytes },
  linphone: { read: readLinphoneContent, render: renderLinphoneData, memberBytes: linphoneMemberBytes },
} as const satisfies Record<PayloadProfile, Form>;

function readContent(buildData: typeof buildAppData): Form["read"] {
  return (attempt) => {
    const { request } = attempt.push;
    const shown = request.silent || isForIos(attempt) ? {} : buildShownData(request);
    return keepAllowed({ ...shown, ...buildData(attempt.push) });
  };
}

function keepAllowed(data: Data): Content {
  return { data: Object.fromEntries(Object.entries(data).filter(([name]) => !isGooglesName(name))) };
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

function sumBytes(data: Data): number {
  return Object.entries(data).reduce((sum, [name, value]) => sum + plainMemberBytes(name, value), 0);
}
