import type { Dialect } from "../../gateway/dialect.ts";
import type { PayloadProfile } from "../../push/payload-profile.ts";
import { readSegments, withBelow } from "../paths-below.ts";
import { readPushReq } from "./push-req.ts";

const BODY_LIMIT_BYTES = 64 * 1024;

export interface KazooDialectDeps {
  readonly paths: readonly string[];
  readonly profile?: PayloadProfile;
}

/** Kazoo's AMQP message `notification/push_req`, as a bridge posts it. A domain may stand below the path. */
export function createKazooDialect({ paths, profile }: KazooDialectDeps): Dialect {
  return {
    name: "kazoo",
    paths: withBelow(paths),
    methods: ["POST"],
    bodyLimitBytes: BODY_LIMIT_BYTES,
    read: (request) => readPushReq(request, readSegments(request.path, paths)[0] || undefined, profile),
  };
}
