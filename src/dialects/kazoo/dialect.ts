import type { Dialect } from "../../gateway/dialect.ts";
import type { CompatDialectDeps } from "../compat-dialect.ts";
import { readSegments, withBelow } from "../paths-below.ts";
import { readPushReq } from "./push-req.ts";

const BODY_LIMIT_BYTES = 64 * 1024;

/** Kazoo's AMQP message `notification/push_req`, as a bridge posts it. A domain may follow the path. */
export function createKazooDialect({ paths, profile }: CompatDialectDeps): Dialect {
  return {
    name: "kazoo",
    paths: withBelow(paths),
    methods: ["POST"],
    bodyLimitBytes: BODY_LIMIT_BYTES,
    read: (request) => readPushReq(request, readSegments(request.path, paths)[0] || undefined, profile),
  };
}
