import type { Dialect } from "../../gateway/dialect.ts";
import type { CompatDialectDeps } from "../compat-dialect.ts";
import { withBelow } from "../paths-below.ts";
import { readTemplate } from "./template.ts";
import { readTokenPush } from "./token-push.ts";

const BODY_LIMIT_BYTES = 64 * 1024;

/**
 * FreeSWITCH's mod_apn: one request for each token, from a template. It takes 200 to 299 as sent, and then waits for
 * the phone.
 */
export function createFreeswitchDialect({ paths, profile }: CompatDialectDeps): Dialect {
  return {
    name: "freeswitch",
    paths: withBelow(paths),
    bodyLimitBytes: BODY_LIMIT_BYTES,
    read: (request) => readTokenPush(readTemplate(request, paths), profile),
  };
}
