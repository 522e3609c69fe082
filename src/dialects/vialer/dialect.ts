import type { Dialect } from "../../gateway/dialect.ts";
import { GatewayError } from "../../gateway/errors.ts";
import type { CompatDialectDeps } from "../compat-dialect.ts";
import { readSegments, withBelow } from "../paths-below.ts";
import { buildAnswer } from "./answer.ts";
import { readCallResponse } from "./call-response.ts";
import { PLATFORMS, readDeviceOrder, type Platform } from "./device.ts";
import { readIncomingCall } from "./incoming-call.ts";

const BODY_LIMIT_BYTES = 16 * 1024;

export interface VialerDialectDeps extends CompatDialectDeps {
  /** How long to hold Asterisk's answer; 0 not to hold it. */
  readonly holdMs?: number;
}

/** VoIPGRID's vialer-middleware, as Asterisk and its apps call it: `…/DOMAIN/api/incoming-call/`. */
export function createVialerDialect({ paths, profile, holdMs = 0 }: VialerDialectDeps): Dialect {
  return {
    name: "vialer",
    paths: withBelow(paths),
    methods: ["POST", "DELETE"],
    bodyLimitBytes: BODY_LIMIT_BYTES,
    holdMs,
    ignores({ path, method }) {
      const { endpoint } = readPlace(path, paths);
      return method === "POST" && (endpoint === "hangup-reason" || endpoint === "log-metrics");
    },
    readCallNotice(request) {
      const { endpoint } = readPlace(request.path, paths);
      return request.method === "POST" && endpoint === "call-response" ? readCallResponse(request) : undefined;
    },
    readDevice(request) {
      const { domain, endpoint } = readPlace(request.path, paths);
      const platform = readPlatform(endpoint);
      return platform === undefined ? undefined : readDeviceOrder(platform, domain, request);
    },
    read(request) {
      if (request.method === "DELETE") throw new GatewayError("method_not_allowed", "Only a device can be deleted.");
      const { domain, endpoint } = readPlace(request.path, paths);
      if (endpoint !== "incoming-call") {
        const detail =
          "The middleware's paths are like /DOMAIN/api/incoming-call/ here, with the domain of the SIP accounts.";
        throw new GatewayError("not_found", detail);
      }
      return readIncomingCall(request, domain, profile);
    },
    answer: buildAnswer,
  };
}

interface Place {
  readonly domain: string;
  /** Undefined if the path is not one of the middleware's. */
  readonly endpoint: string | undefined;
}

function readPlace(path: string, bases: readonly string[]): Place {
  const [domain = "", api, endpoint, ...rest] = readSegments(path.replace(/\/+$/, ""), bases);
  return { domain, endpoint: api === "api" && rest.length === 0 ? endpoint : undefined };
}

function readPlatform(endpoint: string | undefined): Platform | undefined {
  return PLATFORMS.find((platform) => endpoint === `${platform}-device`);
}
