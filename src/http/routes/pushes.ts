import type { FastifyReply } from "fastify";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type, type Static } from "typebox";
import type { Receipt } from "../../gateway/accept/accept-push.ts";
import { GatewayError } from "../../gateway/errors.ts";
import { readAor } from "../../push/sip-uri.ts";
import { REQUESTED_KINDS, type PushRequest } from "../../push/push.ts";
import { LOST_BY_STORE, onceLeft, unlessStoreAway } from "../accept-and-wait.ts";
import type { HttpDeps, PushService } from "../http-deps.ts";
import { leaveOutNotGiven } from "../leave-out.ts";
import { readWaitMs } from "../prefer.ts";
import { PushData, readAppMembers, requireFewMembers } from "./push-data.ts";
import { PushBody, buildPushBody } from "./push-body.ts";
import { ContentFields, readContent, readData } from "./push-content.ts";
import { Line, NoQuery } from "./schemas.ts";
import { compact } from "../../push/compact.ts";

const NewPushBody = Type.Object(
  {
    callee: Line(600),
    /** Id of the only device to push to. */
    device: Type.Optional(Line(128)),
    kind: Type.Enum(REQUESTED_KINDS, { default: "call" }),
    caller: Type.Optional(Line(600)),
    call_id: Type.Optional(Line(255)),
    push_id: Type.Optional(Line(255)),
    silent: Type.Boolean({ default: false }),
    data: PushData,
    ...ContentFields,
    ttl_seconds: Type.Optional(Type.Integer({ minimum: 0, maximum: 2_419_200 })),
  },
  { additionalProperties: false },
);

export const ReceiptBody = Type.Object({
  id: Type.String(),
  status: Type.Enum(["accepted", "repeat", "suppressed"]),
  state: Type.Optional(Type.String()),
  code: Type.Optional(Type.String()),
  /** Changes made to the request. */
  warnings: Type.Optional(Type.Array(Type.String())),
});

/** With `Prefer: wait`: the state of the push at the end of the wait. */
const VerdictBody = Type.Object({
  ...ReceiptBody.properties,
  reason: Type.Optional(Type.String()),
  deliveries: Type.Optional(PushBody.properties.deliveries),
});

export const PushParams = Type.Object(
  { id: Type.String({ pattern: "^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$", description: "a UUID" }) },
  { additionalProperties: false },
);
const CancelledBody = Type.Object({
  id: Type.String(),
  state: Type.String(),
  reason: Type.Optional(Type.String()),
  deliveries: PushBody.properties.deliveries,
});

/** Source label of this API, as dialects have theirs. */
const DOOR = "v1";

export type PushRouteDeps = Pick<HttpDeps, "acceptPush" | "maxDataMembers" | "pushes">;

export const pushRoutes: FastifyPluginAsyncTypebox<PushRouteDeps> = async (
  app,
  { acceptPush, maxDataMembers, pushes },
) => {
  const config = { door: DOOR };
  leaveOutNotGiven(app);

  app.post(
    "/v1/pushes",
    { config, schema: { body: NewPushBody, querystring: NoQuery, response: { 200: VerdictBody, 202: ReceiptBody } } },
    async (request, reply) => {
      const waitMs = readWaitMs(request.headers["prefer"]);
      requireFewMembers(request.body.data, maxDataMembers());
      const push = readPush(request.body, readIdempotencyKey(request.headers["idempotency-key"]));
      const receipt = await acceptPush(push, DOOR);
      reply.header("location", `/v1/pushes/${receipt.id}`);
      if (waitMs !== undefined) {
        reply.header("preference-applied", `wait=${waitMs / 1000}`);
        return reply.code(200).send(await holdOn(pushes, receipt, waitMs, reply));
      }
      return reply.code(receipt.kind === "repeat" ? 200 : 202).send(buildReceiptBody(receipt));
    },
  );

  app.get(
    "/v1/pushes/:id",
    { schema: { params: PushParams, querystring: NoQuery, response: { 200: PushBody } } },
    async (request) => {
      const id = request.params.id.toLowerCase();
      const push = await pushes.get(id);
      if (push === undefined) throw noSuchPush(id);
      return buildPushBody(push);
    },
  );

  app.delete(
    "/v1/pushes/:id",
    { schema: { params: PushParams, querystring: NoQuery, response: { 200: CancelledBody } } },
    async (request) => {
      const id = request.params.id.toLowerCase();
      const push = await pushes.cancel(id);
      if (push === undefined) throw noSuchPush(id);
      const { state, reason, deliveries } = buildPushBody(push);
      return compact({ id, state, reason, deliveries });
    },
  );
};

/**
 * Waits until all phones of the push have an answer, the time is over, or the client has left; returns the body of the
 * answer.
 */
async function holdOn(pushes: PushService, receipt: Receipt, waitMs: number, reply: FastifyReply) {
  const body = buildReceiptBody(receipt);
  if (receipt.kind === "suppressed") return body;
  const end = await unlessStoreAway(pushes.awaitEnd(receipt.id, waitMs, (end) => onceLeft(reply, end)));
  if (end === undefined) return body;
  const { found: push } = end;
  if (push === undefined) return { ...body, state: "failed", reason: LOST_BY_STORE };
  const { state, reason, deliveries } = buildPushBody(push);
  return { ...body, state, deliveries, ...(reason === undefined ? {} : { reason }) };
}

function readPush(body: Static<typeof NewPushBody>, idempotencyKey: string | undefined): PushRequest {
  const { callee, device, kind, caller, call_id: callId, push_id: named, silent, data, ttl_seconds: ttlSeconds } = body;
  const aor = readAor(callee);
  if (aor === undefined) {
    throw new GatewayError("invalid_field", "callee has to be user@domain.", { field: "callee" });
  }
  if (named !== undefined && idempotencyKey !== undefined && named !== idempotencyKey) {
    const detail = "push_id and the Idempotency-Key header both name the push, and differ. Send one of them.";
    throw new GatewayError("invalid_field", detail, { field: "push_id" });
  }
  const pushId = named ?? idempotencyKey;
  return compact({
    kind,
    callee: aor,
    caller,
    callId,
    pushId,
    deviceId: device,
    silent,
    ...readData(readAppMembers(data)),
    aps: {},
    ...readContent(body, { kind, silent: silent && kind !== "call" }),
    ...(ttlSeconds === undefined ? {} : { ttlMs: ttlSeconds * 1000 }),
  });
}

/** Reads a structured-field string, `"…"`, as the draft requires, or the bare text that most clients send. */
function readIdempotencyKey(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  const [, quoted, bare] =
    /^(?:"([\x20-\x21\x23-\x5b\x5d-\x7e]{1,255})"|([\x21\x23-\x7e]{1,255}))$/.exec(String(header)) ?? [];
  const key = quoted ?? bare;
  if (key !== undefined) return key;
  const detail = "The Idempotency-Key header has to be 1 to 255 printable ASCII characters.";
  throw new GatewayError("invalid_field", detail, { field: "Idempotency-Key" });
}

export function buildReceiptBody(receipt: Receipt): Static<typeof ReceiptBody> {
  if (receipt.kind === "suppressed") return { id: receipt.id, status: receipt.kind, code: receipt.reason };
  const { kind, id, state, warnings } = receipt;
  return compact({ id, status: kind, state, warnings: warnings === undefined ? undefined : [...warnings] });
}

function noSuchPush(id: string): GatewayError {
  return new GatewayError("not_found", `There is no push ${id}, or it is no longer stored.`, { field: "id" });
}
