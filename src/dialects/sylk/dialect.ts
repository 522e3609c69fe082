import type { Dialect, ForeignAnswer, ForeignRequest, ForeignResult } from "../../gateway/dialect.ts";
import { GatewayError } from "../../gateway/errors.ts";
import type { Aor } from "../../push/address.ts";
import type { PayloadProfile } from "../../push/payload-profile.ts";
import type { PushRequest } from "../../push/push.ts";
import type { CompatDialectDeps } from "../compat-dialect.ts";
import { readSegments, withBelow } from "../paths-below.ts";
import { needSipAddress } from "../sip-address.ts";
import { readNewDevice, readRemoval } from "./device.ts";
import { readAccountPush, readCancel, readTokenPush } from "./push.ts";

const BODY_LIMIT_BYTES = 64 * 1024;

/** Sylk's pushserver: `/push`, which names the token, and `/v2/tokens/{account}`, which stores tokens. */
export function createSylkDialect({ paths, profile }: CompatDialectDeps): Dialect {
  const read = (request: ForeignRequest): PushRequest => readPush(request, readSegments(request.path, paths), profile);
  return {
    name: "sylk",
    paths: withBelow(paths),
    methods: ["POST", "DELETE"],
    bodyLimitBytes: BODY_LIMIT_BYTES,
    readDevice({ path, method, body }) {
      const account = readOrder(readSegments(path, paths));
      if (account === undefined) return undefined;
      return method === "DELETE" ? readRemoval(account, body) : readNewDevice(account, body);
    },
    readCallNotice(request) {
      return readOrder(readSegments(request.path, paths)) === undefined ? readCancel(read(request)) : undefined;
    },
    read,
    answer: buildAnswer,
  };
}

function readPush(
  { method, body }: ForeignRequest,
  segments: readonly string[],
  profile?: PayloadProfile,
): PushRequest {
  if (method === "DELETE") throw new GatewayError("method_not_allowed", "Only an account's tokens can be deleted.");
  if (segments.join("/") === "push") return readTokenPush(body, profile);
  const account = readAccount(segments);
  if (account?.below[0] !== "push" || account.below.length > 2)
    throw new GatewayError("not_found", "Sylk's pushserver has /push and /v2/tokens.");
  const push = readAccountPush(needSipAddress("account", account.name), body, profile);
  const [, device] = account.below;
  return device === undefined ? push : { ...push, deviceId: device };
}

/** Returns the account whose tokens change. */
function readOrder(segments: readonly string[]): Aor | undefined {
  const account = readAccount(segments);
  return account?.below.length === 0 ? needSipAddress("account", account.name) : undefined;
}

interface AccountPath {
  readonly name: string;
  readonly below: readonly string[];
}

function readAccount([version, collection, name = "", ...below]: readonly string[]): AccountPath | undefined {
  if (version !== "v2" || collection !== "tokens" || name === "") return undefined;
  return { name, below: below.filter((segment) => segment !== "") };
}

/** Sylk's clients take only 200 as success, although its server answers 202. `data` must be an object. */
function buildAnswer(result: ForeignResult): ForeignAnswer {
  const { code, description } = describe(result);
  return { status: code, contentType: "application/json", body: JSON.stringify({ code, description, data: {} }) };
}

function describe(result: ForeignResult): { readonly code: number; readonly description: string } {
  switch (result.kind) {
    case "pushed":
    case "awaited":
      return { code: 200, description: `push ${result.receipt.kind}: ${result.receipt.id}` };
    case "heard":
      return result.calls.length > 0
        ? { code: 200, description: "call noted" }
        : { code: 404, description: "Not found" };
    case "registered":
      return { code: 200, description: result.created ? "token added" : "token updated" };
    case "unregistered":
      return result.removed ? { code: 200, description: "token removed" } : { code: 404, description: "Not found" };
    case "ignored":
      return { code: 200, description: "ignored" };
    case "refused":
      return { code: result.status, description: result.error.message };
  }
}
