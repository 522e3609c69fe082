import type { Dialect, ForeignAnswer, ForeignResult } from "../../gateway/dialect.ts";
import { GatewayError } from "../../gateway/errors.ts";
import type { CompatDialectDeps } from "../compat-dialect.ts";
import { readSegments, withBelow } from "../paths-below.ts";
import { readIncomingCall } from "./incoming-call.ts";

const BODY_LIMIT_BYTES = 16 * 1024;

/** VoIPGRID's vialer-middleware, as Asterisk asks it: `…/DOMAIN/api/incoming-call/`. */
export function createVialerDialect({ paths, profile }: CompatDialectDeps): Dialect {
  return {
    name: "vialer",
    paths: withBelow(paths),
    methods: ["POST"],
    bodyLimitBytes: BODY_LIMIT_BYTES,
    read(request) {
      const [domain, ...rest] = readSegments(request.path.replace(/\/+$/, ""), paths);
      if (domain === undefined || rest.join("/") !== "api/incoming-call") {
        const detail = "The middleware's path is /DOMAIN/api/incoming-call/ here, with the domain of the SIP accounts.";
        throw new GatewayError("not_found", detail);
      }
      return readIncomingCall(request, domain, profile);
    },
    answer: buildVerdict,
  };
}

/** `ACK`: the phone is on its way. `NAK`: go on without it. */
function buildVerdict(result: ForeignResult): ForeignAnswer {
  const isRung = result.kind === "pushed" && result.receipt.kind !== "suppressed";
  return {
    status: statusOf(result),
    contentType: "text/plain; charset=utf-8",
    body: `status=${isRung ? "ACK" : "NAK"}`,
  };
}

/** A subscriber who cannot be rung is an ordinary answer to Asterisk. */
function statusOf(result: ForeignResult): number {
  if (result.kind !== "refused") return 200;
  return result.error.code === "no_device" || result.error.code === "domain_disabled" ? 200 : result.status;
}
