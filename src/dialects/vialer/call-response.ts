import type { CallNotice, ForeignRequest } from "../../gateway/dialect.ts";
import { needField } from "../fields.ts";
import { readFlag, readForm } from "./form.ts";

/** The woken app's word: it has registered and waits for the INVITE, or it cannot take the call. Which phone it is it does not say. */
export function readCallResponse(request: ForeignRequest): CallNotice {
  const fields = readForm(request);
  const id = needField(fields, "unique_key");
  return { selector: { id }, event: { kind: readFlag(fields, "available", true) ? "registered" : "declined" } };
}
