import { compact } from "../push/compact.ts";
import { buildBodyData } from "../push/content.ts";
import type { PayloadProfile } from "../push/payload-profile.ts";
import { readAlertText } from "./apple.ts";
import { type Content, fitContent, plainMemberBytes } from "./fit.ts";
import { isForIos, type Addressed, type GoogleData } from "./form.ts";
import { chooseForm } from "./forms.ts";

/** Keys and values together, of FCM and of GCM: https://firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode */
const DATA_LIMIT_BYTES = 4096;

export interface GoogleParts {
  readonly data: GoogleData;
  /** The text that an iPhone shows. */
  readonly alert?: string;
}

/** Returns the bytes of the limit that something beside the data takes. */
export type MeasureOthers = (alert: string | undefined) => number;

/** Returns the app's data within Google's limit. `profile` is the app's, for a push that asks for none. */
export function buildGoogleParts(
  addressed: Addressed,
  profile: PayloadProfile | undefined,
  measureOthers: MeasureOthers = () => 0,
): GoogleParts {
  const form = chooseForm(addressed.push.request, profile);
  const isIos = isForIos(addressed);
  let built: { readonly of: Content; readonly data: GoogleData } | undefined;
  const build = (content: Content): GoogleData =>
    isIos ? form.google(content) : { ...buildBodyData(content.alert), ...form.google(content) };
  const measure = (content: Content): number => {
    built = { of: content, data: build(content) };
    return sumBytes(built.data) + measureOthers(content.alert);
  };
  const content = withAlert(form.content(addressed, { vendor: "google", isIos }), addressed);
  const size = { measure, memberBytes: form.googleMemberBytes ?? plainMemberBytes };
  const fitted = fitContent(content, size, DATA_LIMIT_BYTES);
  return compact({ data: built?.of === fitted ? built.data : build(fitted), alert: fitted.alert });
}

/** An Android app shows what it likes of its data, and so gets the body only if there is one; an iPhone shows what it is told. */
function withAlert({ data }: Content, addressed: Addressed): Content {
  const { request } = addressed.push;
  if (request.silent) return { data };
  const alert = isForIos(addressed) ? readAlertText(request) : request.content?.body;
  return alert === undefined ? { data } : { data, alert };
}

function sumBytes(data: GoogleData): number {
  return Object.entries(data).reduce((sum, [name, value]) => sum + plainMemberBytes(name, value), 0);
}
