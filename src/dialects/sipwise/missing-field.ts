import type { ForeignRequest } from "../../gateway/dialect.ts";
import { GatewayError } from "../../gateway/errors.ts";
import type { Field } from "./field.ts";
import { mediaTypeOf } from "./fields.ts";

const SEMS_FIELDS = ["caller", "callee", "domain"] as const;

/** Known mistakes of SEMS's `mobile_push`, observed when running it. It logs nothing itself and ignores the answer. */
const HINTS = {
  lastVariableOnly:
    "This looks like SEMS with use_post=yes, whose form holds the last variable only: set use_post=no in mobile_push.conf.",
  formNotSent:
    "This looks like SEMS from before July 2024 with use_post=yes, which sends no field at all: " +
    "set use_post=no in mobile_push.conf.",
  cutAtHash:
    "This looks like SEMS with a # in a value, which ends the query there: take the # out of caller and callee in P-App-Param.",
  emptyParameter:
    "This looks like SEMS without this value: P-App-Param has to hold caller, callee and domain, without a space after " +
    "a semicolon and without a second = in a value.",
} as const;

/** Error of a push without a callee. If the sender's mistake is known, the operator is told how to fix it. */
export function missingField(
  field: "callee" | "domain",
  fields: readonly Field[],
  request: ForeignRequest,
): GatewayError {
  const hint = findHint(fields, request);
  const message = `The field "${field}" is missing or empty.`;
  return new GatewayError("missing_field", message, hint === undefined ? { field } : { field, hint });
}

function findHint(fields: readonly Field[], request: ForeignRequest): string | undefined {
  const given = SEMS_FIELDS.filter((name) => fields.some((field) => field.name === name)).join();
  if (request.method === "POST") {
    return mediaTypeOf(request) === "multipart/form-data" && given === "domain" ? HINTS.lastVariableOnly : undefined;
  }
  switch (given) {
    case "":
      return HINTS.formNotSent;
    case "caller":
    case "caller,callee":
      return HINTS.cutAtHash;
    case "caller,callee,domain":
      return HINTS.emptyParameter;
    default:
      return undefined;
  }
}
