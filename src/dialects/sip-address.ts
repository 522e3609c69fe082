import { createHash } from "node:crypto";
import { buildAor, type Aor } from "../push/address.ts";
import type { PhoneAddress } from "../push/device.ts";
import { readAor, readSipHost } from "../push/sip-uri.ts";
import { invalidField } from "./fields.ts";

export function needSipAddress(field: string, text: string): Aor {
  const aor = readAor(text);
  if (aor === undefined) throw invalidField(field, "is not an address of the form user@domain");
  return aor;
}

export function needDomain(field: string, text: string): string {
  const domain = readSipHost(text);
  if (domain === undefined) throw invalidField(field, "is not a host name");
  return domain;
}

/** RFC 6761 reserves this name, so it can have neither preferences nor apps. */
const NOWHERE = "unknown.invalid";

/** Derives a callee from the phone, for a platform that does not name one. The same phone always has the same name. */
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
