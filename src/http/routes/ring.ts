import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type, type Static } from "typebox";
import type { Receipt } from "../../gateway/accept/accept-push.ts";
import { GatewayError } from "../../gateway/errors.ts";
import type { Aor } from "../../push/address.ts";
import { buildCallUuid } from "../../push/uuids.ts";
import { CALL_STATES } from "../../push/call.ts";
import type { PushRequest } from "../../push/push.ts";
import { readCallee } from "../../push/sip-uri.ts";
import { acceptAndWait, LOST_BY_STORE, type Waited } from "../accept-and-wait.ts";
import { acceptForms } from "../form-fields.ts";
import type { HttpDeps } from "../http-deps.ts";
import { leaveOutNotGiven } from "../leave-out.ts";
import { readWaitMs } from "../prefer.ts";
import { PushData, readAppMembers, requireFewMembers } from "./push-data.ts";
import { readData } from "./push-content.ts";
import { Line, NoQuery } from "./schemas.ts";
import { compact } from "../../push/compact.ts";

const NewCallBody = Type.Object(
  {
    call_id: Line(255),
    /** `user@domain`, or only the user if `domain` is given. */
    callee: Line(600),
    domain: Type.Optional(Line(255)),
    caller: Type.Optional(Line(600)),
    display_name: Type.Optional(Line(255)),
    media: Type.Optional(Type.Enum(["audio", "video"])),
    /** Seconds for which the call rings. */
    expires_in: Type.Optional(Type.Integer({ minimum: 1, maximum: 600 })),
    data: PushData,
  },
  { additionalProperties: false },
);

const VERDICTS = ["timeout", ...CALL_STATES.filter((state) => state !== "ringing")] as const;

const RingBody = Type.Object({
  call_id: Type.String(),
  call_uuid: Type.String(),
  push_id: Type.String(),
  state: Type.Enum(CALL_STATES),
  /** With `Prefer: wait`: the result of the wait. */
  verdict: Type.Optional(Type.Enum(VERDICTS)),
  reason: Type.Optional(Type.String()),
  /** Of the first phone that registered. */
  contact: Type.Optional(Type.String()),
  device: Type.Optional(Type.String()),
  /** Time from the request to its registration. */
  after_ms: Type.Optional(Type.Integer()),
  /** Changes that the gateway made to the push. */
  warnings: Type.Optional(Type.Array(Type.String())),
});

/** Source label of this API, as dialects have theirs. */
const DOOR = "v1";

export type RingRouteDeps = Pick<HttpDeps, "acceptPush" | "calls" | "maxDataMembers">;

export const ringRoutes: FastifyPluginAsyncTypebox<RingRouteDeps> = async (
  app,
  { acceptPush, calls, maxDataMembers },
) => {
  leaveOutNotGiven(app);
  acceptForms(app, new Set(["expires_in"]));

  app.post(
    "/v1/calls",
    {
      config: { door: DOOR },
      schema: { body: NewCallBody, querystring: NoQuery, response: { 200: RingBody, 202: RingBody } },
    },
    async (request, reply) => {
      const waitMs = readWaitMs(request.headers["prefer"]);
      requireFewMembers(request.body.data, maxDataMembers());
      const push = readPush(request.body);
      const id = request.body.call_id;
      const location = `/v1/calls/${encodeURIComponent(id)}`;
      if (waitMs === undefined) {
        const receipt = await acceptPush(push, DOOR);
        return reply.code(202).header("location", location).send(buildReceipt(id, receipt));
      }
      const accept = (awaited: PushRequest) => acceptPush(awaited, DOOR).catch(readRefusal);
      const waited = await acceptAndWait({ push, waitMs, reply, calls, accept });
      reply.headers({ location, "preference-applied": `wait=${waitMs / 1000}` });
      return reply.code(200).send(buildVerdict(id, waited));
    },
  );
};

function readPush({ call_id: callId, callee, domain, ...rest }: Static<typeof NewCallBody>): PushRequest {
  const { caller, display_name: displayName, media, expires_in: seconds } = rest;
  const { data, structured } = readData(readAppMembers(rest.data));
  return compact({
    kind: "call",
    callee: readCalled(callee, domain),
    caller,
    callId,
    silent: false,
    data: {
      ...data,
      ...(displayName === undefined ? {} : { display_name: displayName }),
      ...(media === undefined ? {} : { media }),
    },
    structured,
    aps: {},
    ttlMs: seconds === undefined ? undefined : seconds * 1000,
  });
}

function readCalled(callee: string, domain: string | undefined): Aor {
  const reading = readCallee(callee, domain);
  if ("aor" in reading) return reading.aor;
  const detail =
    reading.wrong === "domain"
      ? `domain ${reading.why}.`
      : `callee ${reading.why}; write user@domain, or a user beside \`domain\`.`;
  throw new GatewayError("invalid_field", detail, { field: reading.wrong });
}

type Refused = Pick<Receipt, "id"> & { readonly kind: "unreachable"; readonly reason: string };

/** A client that waits for a phone gets the verdict `unreachable`; any other gets the error. */
function readRefusal(error: unknown): Refused {
  if (!(error instanceof GatewayError && error.code === "no_device")) throw error;
  return { kind: "unreachable", id: error.details.pushId ?? "", reason: error.code };
}

function buildReceipt(id: string, receipt: Receipt | Refused): Static<typeof RingBody> {
  const isUnreachable = receipt.kind === "suppressed" || receipt.kind === "unreachable";
  return compact({
    call_id: id,
    call_uuid: buildCallUuid(id),
    push_id: receipt.id,
    state: isUnreachable ? "unreachable" : "ringing",
    reason: isUnreachable ? receipt.reason : undefined,
    warnings: "warnings" in receipt && receipt.warnings !== undefined ? [...receipt.warnings] : undefined,
  });
}

function buildVerdict(id: string, { receipt, call, isMissing }: Waited<Receipt | Refused>): Static<typeof RingBody> {
  const begun = buildReceipt(id, receipt);
  if (receipt.kind === "accepted" && isMissing) {
    return { ...begun, state: "unreachable", verdict: "unreachable", reason: LOST_BY_STORE };
  }
  if (call === undefined) return { ...begun, verdict: begun.state === "ringing" ? "timeout" : begun.state };
  const { state, reason, registrations, startedAt } = call;
  const [first] = registrations;
  return {
    ...begun,
    state,
    verdict: state === "ringing" ? "timeout" : state,
    ...(reason === undefined ? {} : { reason }),
    ...(first?.contact === undefined ? {} : { contact: first.contact }),
    ...(first?.deviceId === undefined ? {} : { device: first.deviceId }),
    ...(first === undefined ? {} : { after_ms: first.at - startedAt }),
  };
}
