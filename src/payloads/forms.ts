import type { PayloadProfile } from "../push/payload-profile.ts";
import type { PushRequest } from "../push/push.ts";
import type { PayloadForm } from "./form.ts";
import { LINPHONE } from "./linphone.ts";
import { STANDARD } from "./standard.ts";
import { VIALER } from "./vialer.ts";

const FORMS = { standard: STANDARD, linphone: LINPHONE, vialer: VIALER } as const satisfies Record<
  PayloadProfile,
  PayloadForm
>;

/** Returns the form that the push asks for, or otherwise that of its app; `standard` by default. */
export function chooseForm({ profile }: PushRequest, ofApp: PayloadProfile | undefined): PayloadForm {
  return FORMS[profile ?? ofApp ?? "standard"];
}
