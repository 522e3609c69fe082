import type { Dialect, ForeignRequest } from "../../gateway/dialect.ts";
import { readCallNotice } from "./call-notice.ts";
import type { Field } from "./field.ts";
import { readFields } from "./fields.ts";
import { listIgnoredFields, readPushRequest } from "./push-request.ts";

/** A Prosody message of quotation marks at Prosody's own limit makes a body of 4,190,190 bytes. */
const BODY_LIMIT_BYTES = 5 * 1024 * 1024;

export interface SipwiseDialectDeps {
  /** `/push`, and the path in SEMS's `push_server_url` (in its sample: `/mobilepush/`). */
  readonly paths: readonly string[];
}

/** Requests to Sipwise's `pushd` from SEMS, from the NGCP proxy's Lua class and from Prosody. */
export function createSipwiseDialect({ paths }: SipwiseDialectDeps): Dialect {
  const fieldsOf = readFieldsOnce();
  return {
    name: "sipwise",
    paths,
    bodyLimitBytes: BODY_LIMIT_BYTES,
    // Prosody logs an error for each refusal.
    suppressesUnreachableMessages: true,
    readCallNotice: (request) => readCallNotice(fieldsOf(request), request),
    read: (request) => readPushRequest(fieldsOf(request), request),
    listIgnoredFields: (request) => listIgnoredFields(fieldsOf(request)),
  };
}

/** A message may have megabytes, and both readers need its fields. */
function readFieldsOnce(): (request: ForeignRequest) => readonly Field[] {
  const known = new WeakMap<ForeignRequest, readonly Field[]>();
  return (request) => {
    const fields = known.get(request) ?? readFields(request);
    known.set(request, fields);
    return fields;
  };
}
