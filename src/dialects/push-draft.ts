import type { Aor } from "../push/address.ts";
import type { PhoneAddress } from "../push/device.ts";
import type { PayloadProfile } from "../push/payload-profile.ts";
import type { ApsWishes } from "../push/content.ts";
import type { DirectTarget, PushKind, PushRequest } from "../push/push.ts";
import { invalidField } from "./fields.ts";
import type { PhoneReading } from "./phone-address.ts";
import { compact } from "../push/compact.ts";

type Wishes = { readonly [Name in keyof ApsWishes]?: ApsWishes[Name] | undefined };

/** A push request in the making. Undefined and empty values are missing. */
export interface PushDraft {
  readonly kind: PushKind;
  readonly callee: Aor;
  readonly caller?: string | undefined;
  readonly callId?: string | undefined;
  readonly silent?: boolean;
  readonly data?: Readonly<Record<string, string | undefined>>;
  readonly aps?: Wishes;
  readonly ttlMs?: number | undefined;
  readonly direct?: DirectTarget;
  readonly profile?: PayloadProfile | undefined;
}

const LONGEST_CALLER = 1024;

export function buildPushRequest(draft: PushDraft): PushRequest {
  const { kind, callee, caller, callId, silent = false, data = {}, aps = {}, ttlMs, direct, profile } = draft;
  if ((caller?.length ?? 0) > LONGEST_CALLER) {
    throw invalidField("from", `is longer than ${LONGEST_CALLER} characters`);
  }
  if (callId !== undefined && !/^\P{C}{1,255}$/u.test(callId)) {
    throw invalidField("call-id", "is not 1 to 255 printable characters");
  }
  return compact({
    kind,
    callee,
    caller: caller ? caller : undefined,
    callId,
    silent: silent && kind !== "call",
    data: dropUnsaid(data),
    aps: dropUnsaid(aps),
    ttlMs,
    direct,
    profile,
  });
}

function dropUnsaid<T extends object>(members: T): { [Name in keyof T]: Exclude<T[Name], undefined> } {
  const said = Object.entries(members).filter(
    ([name, value]) => value !== undefined && value !== "" && name !== "__proto__",
  );
  return Object.fromEntries(said) as { [Name in keyof T]: Exclude<T[Name], undefined> };
}

export function needPhone(field: string, reading: PhoneReading): PhoneAddress {
  if (reading.kind === "phone") return reading.phone;
  throw invalidField(field, `names no phone that can be pushed: ${reading.reason}`);
}

const DEVICE_ID = /^[A-Za-z0-9._:@=+~-]{1,128}$/;

/**
 * Returns `"<urn:uuid:…>"`, as in `+sip.instance`, without quotes and brackets, or undefined if it cannot be a device
 * id.
 */
export function readDeviceName(text: string | undefined): string | undefined {
  const bare = text?.trim().replace(/^"?<?/, "").replace(/>?"?$/, "") ?? "";
  return DEVICE_ID.test(bare) ? bare : undefined;
}
