import type { PhoneAddress } from "../../push/device.ts";
import type { PayloadProfile } from "../../push/payload-profile.ts";
import type { PushKind, PushRequest } from "../../push/push.ts";
import { findField, invalidField, needField, readJsonObject, readMembers } from "../fields.ts";
import { readRfc8599 } from "../phone-address.ts";
import { buildPushRequest, needPhone } from "../push-draft.ts";
import { nameUnknownCallee, needDomain } from "../sip-address.ts";

/** Reads FlexiAPI's `POST /push_notification`. It names neither caller nor callee; a domain may be in the URL. */
export function readFlexiapi(
  body: Uint8Array,
  domain: string | undefined,
  profile: PayloadProfile | undefined,
): PushRequest {
  const fields = readMembers(readJsonObject(body));
  const param = findField(fields, "pn_param");
  const prid = findField(fields, "pn_prid");
  const phone = needPhone("pn_prid", readRfc8599({ provider: needField(fields, "pn_provider"), param, prid }));
  const { kind, silent } = readType(needField(fields, "type"), phone);
  return buildPushRequest({
    kind,
    callee: nameUnknownCallee(phone, domain === undefined ? undefined : needDomain("domain", domain)),
    callId: findField(fields, "call_id"),
    silent,
    direct: phone,
    profile,
  });
}

function readType(type: string, { provider }: PhoneAddress): { readonly kind: PushKind; readonly silent: boolean } {
  switch (type) {
    case "call":
      return { kind: "call", silent: false };
    case "message":
      return { kind: "message", silent: false };
    case "background":
      // Flexisip wakes Android phones by no other push, for calls as well, so it must not wait for the phone to wake by
      // itself.
      return provider === "apns" ? { kind: "message", silent: true } : { kind: "call", silent: false };
    default:
      throw invalidField("type", "is not one of call, message, background");
  }
}
