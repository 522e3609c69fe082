import type { ForeignRequest } from "../../gateway/dialect.ts";
import type { PayloadProfile } from "../../push/payload-profile.ts";
import type { PushRequest } from "../../push/push.ts";
import { findField, needField, type Fields } from "../fields.ts";
import { buildPushRequest } from "../push-draft.ts";
import { needDomain, needSipAddress } from "../sip-address.ts";
import { readForm } from "./form.ts";

/** Reads a call. The form that Vialer's apps expect is made when the push is sent: `payload_profile: vialer`. */
export function readIncomingCall(
  request: ForeignRequest,
  domain: string,
  profile: PayloadProfile | undefined,
): PushRequest {
  const fields = readForm(request);
  const user = needField(fields, "sip_user_id");
  return buildPushRequest({
    kind: "call",
    callee: needSipAddress("sip_user_id", `${user}@${needDomain("domain", domain)}`),
    caller: readNumber(needField(fields, "phonenumber"), fields),
    callId: findField(fields, "call_id"),
    data: { sender_name: findField(fields, "caller_id"), response_api: readResponsePath(request.path) },
    profile,
  });
}

/** Asterisk's CURL() escapes nothing, and a form's raw plus is a space. No number starts with a space. */
function readNumber(phonenumber: string, fields: Fields): string {
  return (fields.get("phonenumber") ?? "").startsWith(" ") ? `+${phonenumber}` : phonenumber;
}

/** Returns the path of `call-response` beside the requested endpoint, for the same domain. */
function readResponsePath(path: string): string {
  return path.replace(/[^/]*\/*$/, "call-response/");
}
