import { createHash } from "node:crypto";
import { buildAor, readAor, readDomain, type Aor } from "../push/address.ts";
import type { PhoneAddress } from "../push/device.ts";
import { invalidField, unescape } from "./fields.ts";

/** `sip:user@host:5060;parameters`, `"Name" <sip:user@host>`, `user@host`: the address of record in it. */
export function readSipAddress(text: string): Aor | undefined {
  const [, bracketed] = /<([^>]*)>/.exec(text) ?? [];
  const [, user = "", host = ""] = /^(?:sips?:)?([^@]*)@(\[[^\]]*\]|[^:;?]*)/i.exec((bracketed ?? text).trim()) ?? [];
  const [bareUser = ""] = user.split(/[;:]/);
  return readAor(`${unescape(bareUser)}@${host}`);
}

export function needSipAddress(field: string, text: string): Aor {
  const aor = readSipAddress(text);
  if (aor === undefined) throw invalidField(field, "is not an address of the form user@domain");
  return aor;
}

export function needDomain(field: string, text: string): string {
  const domain = readDomain(text);
  if (domain === undefined) throw invalidField(field, "is not a host name");
  return domain;
}

/** RFC 6761 keeps it out of use: nobody is there, so that it has no preferences and no apps of its own. */
const NOWHERE = "unknown.invalid";

/** For a platform that says which phone, and not whose: a name that is the same for the same phone. */
export function nameUnknownCallee({ tokens }: PhoneAddress, domain: string = NOWHERE): Aor {
  const digest = createHash("sha256")
    .update(JSON.stringify(Object.values(tokens)))
    .digest("hex")
    .slice(0, 16);
  return buildAor(`phone-${digest}`, domain);
}

export function isUnknownCallee(callee: Aor): boolean {
  return callee.endsWith(`@${NOWHERE}`);
}
