import type { ForeignRequest } from "../../gateway/dialect.ts";
import { buildAor, domainOf, readAor, readDomain, readUser, type Aor } from "../../push/address.ts";
import { invalidField, onlyValue, type Field } from "./field.ts";
import { missingField } from "./missing-field.ts";

/** `callee` and `domain`, or the whole address in `callee`; then `domain` may be absent but must not contradict. */
export function readCallee(fields: readonly Field[], request: ForeignRequest): Aor {
  const callee = onlyValue(fields, "callee")?.trim() ?? "";
  const domain = onlyValue(fields, "domain")?.trim() ?? "";
  if (callee === "") throw missingField("callee", fields, request);
  if (callee.includes("@")) return readAddress(callee, domain);
  if (domain === "") throw missingField("domain", fields, request);
  const user = readUser(callee.replace(/^sips?:/i, ""));
  if (user === undefined) throw invalidField("callee", "cannot be the user part of an address");
  return buildAor(user, readHost(domain));
}

function readAddress(callee: string, domain: string): Aor {
  const aor = readAor(callee);
  if (aor === undefined) throw invalidField("callee", "is not an address of the form user@domain");
  if (domain !== "" && readHost(domain) !== domainOf(aor)) {
    throw invalidField("domain", "contradicts the domain in callee");
  }
  return aor;
}

function readHost(domain: string): string {
  const host = readDomain(domain);
  if (host === undefined) throw invalidField("domain", "is not a host name");
  return host;
}
