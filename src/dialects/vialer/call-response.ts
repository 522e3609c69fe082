import type { CallNotice, ForeignRequest } from "../../gateway/dialect.ts";
import { needField } from "../fields.ts";
import { readFlag, readForm } from "./form.ts";

/**
 * Reads the woken app's response: it has registered and waits for the INVITE, or cannot take the call. It does not say
 * which phone it is.
 */
export function readCallResponse(request: ForeignRequest): CallNotice {
  const fields = readForm(request);
  const id = needField(fields, "unique_key");
  return { selector: { id }, event: { kind: readFlag(fields, "available", true) ? "registered" : "declined" } };
}
