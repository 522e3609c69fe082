import type { ForeignRequest } from "../../gateway/dialect.ts";
import type { PayloadProfile } from "../../push/payload-profile.ts";
import type { DirectTarget, PushRequest } from "../../push/push.ts";
import {
  findCount,
  findField,
  invalidField,
  isJsonObject,
  needField,
  readJsonObject,
  readMembers,
  readUrlencoded,
  type Fields,
} from "../fields.ts";
import { buildPhone, readAppId, readPlatform } from "../phone-address.ts";
import { buildPushRequest, needPhone, readDeviceName } from "../push-draft.ts";
import { nameUnknownCallee, needDomain } from "../sip-address.ts";

/** Reads a request that names the phone but not its owner. It always means a call. */
export function readPushReq(
  { body, rawQuery }: ForeignRequest,
  domain: string | undefined,
  profile: PayloadProfile | undefined,
): PushRequest {
  const message = readJsonObject(body);
  const fields = readMembers(message);
  requireEvent(fields);
  const payload = readMembers(isJsonObject(message["Payload"]) ? message["Payload"] : {});
  const direct = readDirect(fields, readUrlencoded(rawQuery, { plusIsSpace: false }));
  return buildPushRequest({
    kind: "call",
    callee: nameUnknownCallee(direct, domain === undefined ? undefined : needDomain("domain", domain)),
    caller: findField(payload, "caller-id-number"),
    callId: findField(fields, "Call-ID"),
    data: {
      ...Object.fromEntries(payload),
      sender_name: findField(payload, "caller-id-name"),
      loc_key: findField(fields, "Alert-Key"),
      token_reg: findField(fields, "Token-Reg"),
    },
    aps: {
      alert: findField(fields, "Alert-Body", "Alert"),
      sound: findField(fields, "Sound"),
      badge: findCount(fields, "Badge"),
    },
    direct,
    profile,
  });
}

function requireEvent(fields: Fields): void {
  const event = findField(fields, "Event-Name");
  if (event !== undefined && event !== "push_req") throw invalidField("Event-Name", "is not push_req");
}

/**
 * Kazoo does not say which of an iPhone's tokens it sends. `.voip` in the app's name, or `?token_kind=voip` in the
 * bridge's URL, does.
 */
function readDirect(fields: Fields, query: Fields): DirectTarget {
  const platform = readPlatform(needField(fields, "Token-Type"));
  if (platform === undefined) throw invalidField("Token-Type", "is neither apple nor firebase");
  const { app, environment, isVoip } = readAppId(findField(fields, "Token-App") ?? "");
  const kind = isVoip || findField(query, "token_kind") === "voip" ? "voip" : "remote";
  const token = needField(fields, "Token-ID");
  const tokens = platform === "google" ? { registration: token } : { [kind]: token };
  const phone = needPhone("Token-ID", buildPhone(platform, tokens, { app, environment }));
  const deviceId = readDeviceName(findField(fields, "Endpoint-ID"));
  return { ...phone, ...(deviceId === undefined ? {} : { deviceId }) };
}
