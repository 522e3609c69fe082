import type { ForeignRequest } from "../../gateway/dialect.ts";
import type { PayloadProfile } from "../../push/payload-profile.ts";
import type { PushRequest } from "../../push/push.ts";
import {
  findField,
  needField,
  readBodyText,
  readJsonObject,
  readMembers,
  readUrlencoded,
  type Fields,
} from "../fields.ts";
import { buildPushRequest } from "../push-draft.ts";
import { needDomain, needSipAddress } from "../sip-address.ts";

/** The members of the data are those that Vialer's apps know. */
export function readIncomingCall(
  request: ForeignRequest,
  domain: string,
  profile: PayloadProfile | undefined,
): PushRequest {
  const fields = readFields(request);
  const user = needField(fields, "sip_user_id");
  const phonenumber = readNumber(needField(fields, "phonenumber"), fields);
  const callId = findField(fields, "call_id");
  return buildPushRequest({
    kind: "call",
    callee: needSipAddress("sip_user_id", `${user}@${needDomain("domain", domain)}`),
    caller: phonenumber,
    callId,
    data: {
      unique_key: callId,
      phonenumber,
      caller_id: findField(fields, "caller_id"),
      sender_name: findField(fields, "caller_id"),
    },
    profile,
  });
}

function readFields({ body, contentType }: ForeignRequest): Fields {
  if (/^\s*application\/json\b/i.test(contentType ?? "")) return readMembers(readJsonObject(body));
  return readUrlencoded(Buffer.from(readBodyText(body)).toString("latin1"), { plusIsSpace: true });
}

/** Asterisk's CURL() escapes nothing, and a form's raw plus is a space. No number starts with one. */
function readNumber(phonenumber: string, fields: Fields): string {
  return (fields.get("phonenumber") ?? "").startsWith(" ") ? `+${phonenumber}` : phonenumber;
}
