import type { ForeignRequest } from "../../gateway/dialect.ts";
import { decodeBody } from "../../push/decode-text.ts";
import type { PhoneAddress } from "../../push/device.ts";
import { readAor } from "../../push/sip-uri.ts";
import type { PayloadProfile } from "../../push/payload-profile.ts";
import type { PushKind, PushRequest } from "../../push/push.ts";
import { findField, invalidField, needField, readUrlencoded, type Fields } from "../fields.ts";
import { buildPhone, readAppId, readPlatform } from "../phone-address.ts";
import { buildPushRequest, needPhone, readDeviceName } from "../push-draft.ts";
import { nameUnknownCallee } from "../sip-address.ts";

/**
 * Reads a template that Flexisip fills in: `…/$type/$event?token=$token&app-id=$app-id&…`. Every value is escaped,
 * including a plus. The operator chooses the parameter names; those of the placeholders and of older scripts are
 * understood.
 */
export function readExternalPush(
  request: ForeignRequest,
  [typeInPath, eventInPath]: readonly string[],
  profile: PayloadProfile | undefined,
): PushRequest {
  const fields = readUrlencoded(request.rawQuery, { plusIsSpace: false });
  const type = typeInPath ?? needField(fields, "type");
  const event = eventInPath ?? findField(fields, "event") ?? "";
  const phone = readPhone(type, fields);
  const { kind, silent } = readEvent(event, fields);
  const to = findField(fields, "to-uri", "to_uri", "to");
  const deviceId = readDeviceName(findField(fields, "uid"));
  const sound = findField(fields, "sound");
  return buildPushRequest({
    kind,
    callee: (to === undefined ? undefined : readAor(to)) ?? nameUnknownCallee(phone),
    caller: findField(fields, "from-uri", "from_uri", "from"),
    callId: findField(fields, "call-id", "call_id", "callid"),
    silent,
    data: {
      sender_name: findField(fields, "from-name", "from_name", "caller"),
      loc_key: findField(fields, "msgid"),
      from_tag: findField(fields, "from-tag", "from_tag", "tag"),
      message: kind === "call" ? undefined : decodeBody(request.body),
    },
    // `empty`: the app named no sound when it registered.
    aps: { sound: sound === "empty" ? undefined : sound },
    direct: { ...phone, ...(deviceId === undefined ? {} : { deviceId }) },
    profile,
  });
}

function readPhone(type: string, fields: Fields): PhoneAddress {
  const platform = readPlatform(type);
  if (platform === undefined) throw invalidField("type", "is neither apple nor firebase");
  const token = needField(fields, "token", "pn-tok");
  // For Firebase it is the project's number, which the configuration knows.
  if (platform === "google") return needPhone("token", buildPhone(platform, { registration: token }));
  const { app, environment, isVoip } = readAppId(findField(fields, "app-id", "app_id", "appid", "app") ?? "");
  return needPhone("token", buildPhone(platform, { [isVoip ? "voip" : "remote"]: token }, { app, environment }));
}

/** Flexisip's texts for a phone after a call, if the app has set no others. */
const AFTER_THE_CALL: ReadonlySet<string> = new Set(["Missing call", "Accepted elsewhere", "Declined elsewhere"]);

/** Without an event, the phone should register again before its binding ends (`register-wakeup-interval`). */
function readEvent(event: string, fields: Fields): { readonly kind: PushKind; readonly silent: boolean } {
  switch (event) {
    case "call":
      return { kind: AFTER_THE_CALL.has(fields.get("msgid") ?? "") ? "message" : "call", silent: false };
    case "message":
      return { kind: "message", silent: false };
    case "":
      return { kind: "message", silent: true };
    default:
      throw invalidField("event", "is neither call nor message");
  }
}
