import { createHash } from "node:crypto";
import type { CallNotice } from "../../gateway/dialect.ts";
import type { Aor } from "../../push/address.ts";
import { readAor } from "../../push/sip-uri.ts";
import type { PayloadProfile } from "../../push/payload-profile.ts";
import type { PushKind, PushRequest } from "../../push/push.ts";
import { findCount, findField, invalidField, needField, readJsonObject, readMembers, type Fields } from "../fields.ts";
import { buildPushRequest, readDeviceName, type PushDraft } from "../push-draft.ts";
import { isUnknownCallee, nameUnknownCallee } from "../sip-address.ts";
import { readPhone } from "./phone.ts";
import { compact } from "../../push/compact.ts";

/** Version 1: the request names the token. */
export function readTokenPush(body: Uint8Array, profile: PayloadProfile | undefined): PushRequest {
  const fields = readMembers(readJsonObject(body));
  const { kind } = readEvent(fields);
  // Sylk's client has chosen the token by the event, if it had two.
  const phone = readPhone(fields, kind === "call" ? "voip" : "remote");
  const deviceId = readDeviceName(findField(fields, "device-id"));
  const callee = readAor(findField(fields, "to") ?? "") ?? nameUnknownCallee(phone);
  const direct = { ...phone, ...(deviceId === undefined ? {} : { deviceId }) };
  return buildPushRequest({ ...draft(fields, profile), callee, direct });
}

/** Version 2: a push to the devices of an account. */
export function readAccountPush(callee: Aor, body: Uint8Array, profile: PayloadProfile | undefined): PushRequest {
  return buildPushRequest({ ...draft(readMembers(readJsonObject(body)), profile), callee });
}

/** Reads the end of a call, with the push that Sylk's apps expect for it. Returns undefined for any other push. */
export function readCancel(push: PushRequest): CallNotice | undefined {
  const { kind, callee, callId = "", data } = push;
  if (kind !== "call_end") return undefined;
  const isElsewhere = /\belsewhere\b/i.test(data["reason"] ?? "");
  return {
    selector: compact({ id: callId, callee: isUnknownCallee(callee) ? undefined : callee }),
    event: { kind: isElsewhere ? "answered" : "cancelled" },
    push,
  };
}

/** The data has the members that Sylk's apps know. */
function draft(fields: Fields, profile: PayloadProfile | undefined): Omit<PushDraft, "callee"> {
  const { kind, silent, name: event } = readEvent(fields);
  const callId = needField(fields, "call-id");
  const from = needField(fields, "from");
  const sender = findField(fields, "from-display-name", "from_display_name");
  return {
    kind,
    caller: from,
    callId,
    silent,
    // A phone that learns too late that the caller hung up has nothing to stop any more.
    ttlMs: event === "cancel" ? CANCEL_MS : undefined,
    data: {
      event,
      "call-id": callId,
      "session-id": buildSessionId(callId),
      "media-type": findField(fields, "media-type"),
      from_uri: from,
      from_display_name: sender ?? from,
      to_uri: findField(fields, "to"),
      reason: findField(fields, "reason"),
      sender_name: sender,
    },
    aps: {
      alert: kind === "message" && !silent ? `New message from ${sender ?? from}` : undefined,
      badge: kind === "message" && !silent ? findCount(fields, "badge") : undefined,
    },
    profile,
  };
}

const CANCEL_MS = 60_000;

interface SylkEvent {
  readonly name: string;
  readonly kind: PushKind;
  readonly silent: boolean;
}

/** A cancelled call is reported by a background push, because Apple punishes a VoIP push without a call. */
function readEvent(fields: Fields): SylkEvent {
  const name = findField(fields, "event") ?? "incoming_session";
  switch (name) {
    case "incoming_session":
    case "incoming_conference":
    case "incoming_conference_request":
      return { name, kind: "call", silent: false };
    case "message":
    case "transfer":
      return { name, kind: "message", silent: false };
    case "cancel":
      return { name, kind: "call_end", silent: true };
    default:
      throw invalidField("event", "must be 'incoming_session', 'incoming_conference_request', 'cancel' or 'message'");
  }
}

/** Builds the id as Sylk does for its apps' CallKit: the MD5 of the Call-ID in the form of a UUID. */
function buildSessionId(callId: string): string {
  const hex = createHash("md5").update(callId).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
