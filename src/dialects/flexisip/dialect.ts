import type { Dialect } from "../../gateway/dialect.ts";
import type { CompatDialectDeps } from "../compat-dialect.ts";
import { readSegments, withBelow } from "../paths-below.ts";
import { readExternalPush } from "./external-push.ts";
import { readFlexiapi } from "./flexiapi.ts";

const BODY_LIMIT_BYTES = 256 * 1024;
/** Path that Flexisip appends to its `global::flexiapi/url`. */
const FLEXIAPI_PATH = "push_notification";

/** Flexisip's `external-push-uri` and `external-push-flexiapi`. It takes only 200 as success. */
export function createFlexisipDialect({ paths, profile }: CompatDialectDeps): Dialect {
  return {
    name: "flexisip",
    paths: withBelow(paths),
    bodyLimitBytes: BODY_LIMIT_BYTES,
    read(request) {
      const segments = readSegments(request.path, paths);
      if (segments.at(-1) !== FLEXIAPI_PATH) return readExternalPush(request, segments, profile);
      return readFlexiapi(request.body, segments.length > 1 ? segments[0] : undefined, profile);
    },
  };
}
