import type { DirectTarget, PushRequest } from "../../push/push.ts";
import type { PayloadProfile } from "../../push/payload-profile.ts";
import {
  findCount,
  findField,
  invalidField,
  isJsonObject,
  needField,
  readMembers,
  type Fields,
  type JsonObject,
} from "../fields.ts";
import { buildPhone, guessPlatform, readAppId, readPlatform } from "../phone-address.ts";
import { buildPushRequest, needPhone } from "../push-draft.ts";
import { needSipAddress } from "../sip-address.ts";
import type { FilledTemplate } from "./template.ts";

type TokenType = "voip" | "im";

export function readTokenPush({ fields, payload }: FilledTemplate, profile: PayloadProfile | undefined): PushRequest {
  const type = readType(needField(fields, "type"));
  const wishes = readMembers(payload);
  const callee = needSipAddress("user", `${needField(fields, "user")}@${needField(fields, "realm")}`);
  const shown = readShown(wishes);
  return buildPushRequest({
    kind: type === "voip" ? "call" : "message",
    callee,
    caller: findField(fields, "cid_number"),
    callId: findField(fields, "x_call_id", "call_id"),
    silent: shown.contentAvailable === true && shown.alert === undefined,
    data: {
      ...readCustom(payload),
      title: findField(wishes, "title"),
      category: findField(wishes, "category"),
      loc_key: findField(wishes, "localized_key"),
      sender_name: findField(fields, "cid_name"),
      cid_name: findField(fields, "cid_name"),
      cid_number: findField(fields, "cid_number"),
      aleg_uuid: findField(fields, "aleg_uuid"),
    },
    aps: shown,
    direct: readDirect(type, fields),
    profile,
  });
}

function readType(type: string): TokenType {
  if (type === "voip" || type === "im") return type;
  throw invalidField("type", "is neither voip nor im");
}

function readDirect(type: TokenType, fields: Fields): DirectTarget {
  const token = needField(fields, "token");
  const named = findField(fields, "platform", "pn-platform");
  const platform = named === undefined ? guessPlatform(token) : readPlatform(named);
  if (platform === undefined) throw invalidField("platform", "is neither iOS nor Android");
  const appId = readAppId(findField(fields, "app_id", "app") ?? "");
  // The module does not know the sandbox, but a template may name it.
  const environment = findField(fields, "environment") === "sandbox" ? "sandbox" : appId.environment;
  const kind = type === "voip" ? "voip" : "remote";
  const tokens = platform === "google" ? { registration: token } : { [kind]: token };
  return needPhone("token", buildPhone(platform, tokens, { app: appId.app, environment }));
}

/** `barge` is the module's name for a badge. */
function readShown(wishes: Fields): NonNullable<Parameters<typeof buildPushRequest>[0]["aps"]> {
  const background = findField(wishes, "content_available", "content-available");
  return {
    alert: findField(wishes, "body"),
    sound: findField(wishes, "sound"),
    badge: findCount(wishes, "badge", "barge"),
    contentAvailable: background === "true" || background === "1" ? true : undefined,
  };
}

/** `custom: [{name, value}]`, as texts. */
function readCustom({ custom }: JsonObject): Readonly<Record<string, string>> {
  const members = (Array.isArray(custom) ? (custom as unknown[]) : []).filter(isJsonObject);
  const named = members.map(({ name, value }) => [String(name), value] as const);
  return Object.fromEntries(readMembers(Object.fromEntries(named)));
}
