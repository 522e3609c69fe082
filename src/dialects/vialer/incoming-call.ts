import type { ForeignRequest } from "../../gateway/dialect.ts";
import type { PayloadProfile } from "../../push/payload-profile.ts";
import type { PushRequest } from "../../push/push.ts";
import { findField, needField, type Fields } from "../fields.ts";
import { buildPushRequest } from "../push-draft.ts";
import { needDomain, needSipAddress } from "../sip-address.ts";
import { readForm } from "./form.ts";

/** What Vialer's apps read is made of it where it is sent: `payload_profile: vialer`. */
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

/** Asterisk's CURL() escapes nothing, and a form's raw plus is a space. No number starts with one. */
function readNumber(phonenumber: string, fields: Fields): string {
  return (fields.get("phonenumber") ?? "").startsWith(" ") ? `+${phonenumber}` : phonenumber;
}

/** Beside the endpoint that Asterisk has asked: the domain is the same. */
function readResponsePath(path: string): string {
  return path.replace(/[^/]*\/*$/, "call-response/");
}
