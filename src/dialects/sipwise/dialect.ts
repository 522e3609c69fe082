import type { Dialect, ForeignRequest } from "../../gateway/dialect.ts";
import { readCallNotice } from "./call-notice.ts";
import { readFields } from "./fields.ts";
import { readPushRequest } from "./push-request.ts";

/** A Prosody message of quotation marks alone, at Prosody's own limit, makes a body of 4 190 190 bytes. */
const BODY_LIMIT_BYTES = 5 * 1024 * 1024;

export interface SipwiseDialectDeps {
  /** `/push`, and whatever SEMS's `push_server_url` says (its sample: `/mobilepush/`). */
  readonly paths: readonly string[];
}

/** What Sipwise's `pushd` was asked by SEMS, by the NGCP proxy's Lua class and by Prosody. */
export function createSipwiseDialect({ paths }: SipwiseDialectDeps): Dialect {
  return {
    name: "sipwise",
    paths,
    bodyLimitBytes: BODY_LIMIT_BYTES,
    readCallNotice: (request) => (mayHaveEvent(request) ? readCallNotice(readFields(request), request) : undefined),
    read: (request) => readPushRequest(readFields(request), request),
  };
}

/** Sipwise's own clients send no such field, and messages of megabytes: those are not read twice. */
function mayHaveEvent({ rawQuery, body }: ForeignRequest): boolean {
  return rawQuery.includes("event") || Buffer.from(body.buffer, body.byteOffset, body.byteLength).includes("event");
}
