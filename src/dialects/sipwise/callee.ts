import type { ForeignRequest } from "../../gateway/dialect.ts";
import type { Aor } from "../../push/address.ts";
import { readCallee as readAddress } from "../../push/sip-uri.ts";
import { invalidField, onlyValue, type Field } from "./field.ts";
import { missingField } from "./missing-field.ts";

/**
 * Reads `callee` and `domain`, or the whole address in `callee`. In the latter case `domain` is optional but must not
 * contradict.
 */
export function readCallee(fields: readonly Field[], request: ForeignRequest): Aor {
  const callee = onlyValue(fields, "callee")?.trim() || undefined;
  const domain = onlyValue(fields, "domain")?.trim() || undefined;
  if (callee === undefined) throw missingField("callee", fields, request);
  if (domain === undefined && !callee.includes("@")) throw missingField("domain", fields, request);
  const reading = readAddress(callee, domain);
  if ("aor" in reading) return reading.aor;
  throw invalidField(reading.wrong, reading.why);
}
