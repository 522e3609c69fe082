import { createHash } from "node:crypto";
import type { ContactBinding, ContactReading, ContactTrouble, RelayedRegister } from "../gateway/contact-reading.ts";
import type { PhoneAddress } from "../push/device.ts";
import { readContactPhone, readHeaderPhone, type PhoneSign } from "./contact-phone.ts";
import { splitContacts, stripPushParameters, type SipContact } from "./sip-contact.ts";
import { compact } from "../push/compact.ts";

const MAX_LENGTH = 16 * 1024;
const MAX_CONTACTS = 50;

/** Reads every contact of a REGISTER. Pure; never throws: an unreadable contact says why. */
export function readContacts(register: RelayedRegister): readonly ContactReading[] {
  if (register.contact.length > MAX_LENGTH) return [unreadable("header", "the Contact header is longer than 16 KiB")];
  const contacts = splitContacts(register.contact);
  if (contacts === undefined)
    return [unreadable("header", "a quotation mark or a bracket of the Contact header is not closed")];
  if (contacts.length === 0) return [unreadable("header", "the Contact header is empty")];
  if (contacts.length > MAX_CONTACTS)
    return [unreadable("header", `the Contact header has more than ${MAX_CONTACTS} contacts`)];
  const readFromHeaders = readOnce(() => readHeaderPhone(lowerCaseNames(register.headers ?? {})));
  return contacts.map((contact) => readContact(contact, register, readFromHeaders));
}

/** Reads headers once, because they are the same for all contacts and may be long. */
function readOnce<T>(read: () => T): () => T {
  let found: { readonly value: T } | undefined;
  return () => (found ??= { value: read() }).value;
}

function unreadable(trouble: ContactTrouble, reason: string): Extract<ContactReading, { kind: "unreadable" }> {
  return { kind: "unreadable", trouble, reason };
}

const SIP_URI = /^sips?:[^\s<>"]+$/i;
/** Parameters that must not occur with two values, which may be an attempt to have another phone woken. */
const DECISIVE = /^(?:pn-|app-id$|\+sip\.instance$)/;

function readContact(
  { uri, parameters }: SipContact,
  register: RelayedRegister,
  readFromHeaders: () => PhoneSign,
): ContactReading {
  if (uri === "*") return { kind: "all_removed" };
  if (!SIP_URI.test(uri)) return unreadable("uri", "the contact is not a SIP URI");
  const conflict = [...parameters.conflicts].find((name) => DECISIVE.test(name));
  const { values } = parameters;
  if (conflict !== undefined) {
    const binding = readBinding(uri, values, register, undefined);
    return { ...unreadable("conflict", `${conflict} comes twice with different values`), binding };
  }
  const sign = readContactPhone(values, readFromHeaders);
  const phone = sign.kind === "phone" ? sign.phone : undefined;
  const binding = readBinding(uri, values, register, phone);
  if (binding.expires === 0 || sign.kind === "push_off") {
    return compact({ kind: "removed", binding, phone });
  }
  if (sign.kind === "unreadable") return { ...sign, binding };
  return phone === undefined ? { kind: "without_push", binding } : { kind: "phone", binding, phone };
}

function readBinding(
  uri: string,
  values: ReadonlyMap<string, string>,
  register: RelayedRegister,
  phone: PhoneAddress | undefined,
): ContactBinding {
  const deviceId = readDeviceId(values.get("+sip.instance") ?? values.get("pn-device"), phone);
  const instance = readInstance(values.get("+sip.instance"));
  const expires = readNumber(values.get("expires"), /^\d{1,9}$/) ?? register.expires;
  const q = readNumber(values.get("q"), /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/);
  const regId = readNumber(values.get("reg-id"), /^\d{1,9}$/);
  const purr = values.get("pn-purr") || undefined;
  const name = readName(register.userAgent);
  return compact({
    uri: stripPushParameters(uri),
    deviceId,
    instance,
    expires,
    q,
    regId,
    wakesItself: values.has("+sip.pnsreg") ? true : undefined,
    purr,
    name,
  });
}

/** Returns `<urn:uuid:…>` without brackets. UUIDs do not differ by case (RFC 9562 §4). */
function readInstance(text: string | undefined): string | undefined {
  const bare = text?.trim().replace(/^<(.*)>$/s, "$1") ?? "";
  const id = /^urn:uuid:/i.test(bare) ? bare.toLowerCase() : bare;
  return id === "" ? undefined : id;
}

function readDeviceId(text: string | undefined, phone: PhoneAddress | undefined): string | undefined {
  const id = readInstance(text);
  if (id !== undefined) {
    return /^[A-Za-z0-9._:@=+~-]{1,128}$/.test(id) ? id : `instance-${digest(id)}`;
  }
  const [token] = Object.values(phone?.tokens ?? {});
  return token === undefined ? undefined : `token-${digest(token)}`;
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

function readNumber(text: string | undefined, form: RegExp): number | undefined {
  return text !== undefined && form.test(text) ? Number(text) : undefined;
}

const LONGEST_NAME = 60;

function readName(userAgent = ""): string | undefined {
  const printable = userAgent.replace(/[\p{C}\s]+/gu, " ").trim();
  return printable.slice(0, LONGEST_NAME).trim().toWellFormed() || undefined;
}

function lowerCaseNames(headers: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  return new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
