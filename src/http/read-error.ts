import type { FastifyError } from "fastify";
import { GatewayError, type ErrorCode } from "../gateway/errors.ts";
import { describeViolation, type Violation } from "./violation.ts";

/** fastify's own refusals; https://fastify.dev/docs/latest/Reference/Errors/ */
const FASTIFY_CODES: Readonly<Record<string, { code: ErrorCode; detail: string }>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: { code: "body_too_large", detail: "The body is larger than this path accepts." },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    code: "unsupported_content_type",
    detail: "The body's Content-Type is missing, malformed or not one that this path reads; it reads application/json.",
  },
  FST_ERR_CTP_EMPTY_JSON_BODY: { code: "invalid_json", detail: "The body is empty; a JSON object is needed." },
  FST_ERR_CTP_INVALID_JSON_BODY: { code: "invalid_json", detail: "The body is not valid JSON." },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    code: "invalid_encoding",
    detail: "The body has another length than its Content-Length says.",
  },
  FST_ERR_BAD_URL: { code: "invalid_encoding", detail: "The path holds broken percent-encoding." },
  FST_ERR_MAX_PARAM_LENGTH: { code: "invalid_field", detail: "A part of the path is too long." },
};

/** Returns the error of the request, or undefined if the fault is the gateway's. */
export function readError(error: unknown): GatewayError | undefined {
  if (error instanceof GatewayError) return error;
  if (!isFastifyError(error)) return undefined;
  const [violation] = error.validation ?? [];
  if (violation !== undefined) return readViolation(violation, error.validationContext ?? "body");
  const known = FASTIFY_CODES[error.code];
  if (known !== undefined) return new GatewayError(known.code, known.detail, { cause: error });
  const isClients = error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500;
  return isClients
    ? new GatewayError("invalid_encoding", "The request could not be read to its end.", { cause: error })
    : undefined;
}

function isFastifyError(error: unknown): error is FastifyError {
  return error instanceof Error && ("code" in error || "statusCode" in error || "validation" in error);
}

/** Converts Ajv's first violation into an error of one field. */
function readViolation(violation: Violation, where: string): GatewayError {
  const { keyword, instancePath, params } = violation;
  const path = instancePath.split("/").slice(1).map(unescapePointer);
  const nameField = (last: unknown) => [...path, ...(typeof last === "string" ? [last] : [])].join(".");
  switch (keyword) {
    case "required": {
      const field = nameField(params["missingProperty"]);
      return new GatewayError("missing_field", `${field} is needed.`, { field });
    }
    case "additionalProperties": {
      const field = nameField(params["additionalProperty"]);
      return new GatewayError("unknown_field", `${field} is not known in the ${where}.`, { field });
    }
    default: {
      const field = nameField(undefined);
      if (field === "") return new GatewayError("invalid_json", "The body has to be a JSON object.");
      return new GatewayError("invalid_field", describeViolation(field, violation), { field });
    }
  }
}

/** JSON Pointer, RFC 6901 §4. */
function unescapePointer(segment: string): string {
  return segment.replaceAll("~1", "/").replaceAll("~0", "~");
}
