import type { ForeignRequest } from "../../gateway/dialect.ts";
import { GatewayError } from "../../gateway/errors.ts";
import type { Field } from "./field.ts";
import { readJson } from "./json.ts";
import { readMultipart } from "./multipart.ts";
import { readForm, readQuery } from "./urlencoded.ts";

/**
 * Returns all fields of a request. A POST's query counts only for fields that its body does not contain: the operator
 * wrote the query into the URL, and the body is what the platform says about this push. So a repetition counts only
 * within one of the two.
 */
export function readFields(request: ForeignRequest): readonly Field[] {
  const query = readQuery(request.rawQuery);
  if (request.method === "GET") return query;
  const body = readBody(request);
  const named = new Set(body.map((field) => field.name));
  return [...query.filter((field) => !named.has(field.name)), ...body];
}

/** Returns the Content-Type without parameters, or undefined if the request has none. */
export function mediaTypeOf(request: ForeignRequest): string | undefined {
  return request.contentType?.split(";", 1)[0]?.trim().toLowerCase() || undefined;
}

/** Only Prosody sends megabytes, and always as a form. The other two types take several times as long to read. */
const MAX_BYTES_BUT_FORMS = 1024 * 1024;

function requireSmall(body: Buffer): Buffer {
  if (body.length <= MAX_BYTES_BUT_FORMS) return body;
  const message = "The body is larger than 1 MiB. Send it as application/x-www-form-urlencoded, which may have 5 MiB.";
  throw new GatewayError("body_too_large", message);
}

function readBody(request: ForeignRequest): Field[] {
  const { buffer, byteOffset, byteLength } = request.body;
  if (byteLength === 0) return [];
  const body = Buffer.from(buffer, byteOffset, byteLength);
  switch (mediaTypeOf(request)) {
    case undefined:
    case "application/x-www-form-urlencoded":
      return readForm(body);
    case "multipart/form-data":
      return readMultipart(requireSmall(body), request.contentType ?? "");
    case "application/json":
      return readJson(requireSmall(body));
    default:
      throw new GatewayError(
        "unsupported_content_type",
        "The body is not application/x-www-form-urlencoded, multipart/form-data or application/json.",
      );
  }
}
