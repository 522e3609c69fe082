import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import type { CallSelector } from "../../gateway/calls/calls.ts";
import { GatewayError } from "../../gateway/errors.ts";
import type { Aor } from "../../push/address.ts";
import { readAor } from "../../push/sip-uri.ts";
import type { Call, CallEvent } from "../../push/call.ts";
import { acceptForms } from "../form-fields.ts";
import type { HttpDeps } from "../http-deps.ts";
import { leaveOutNotGiven } from "../leave-out.ts";
import {
  AppCallBody,
  buildAppCallBody,
  buildCallsBody,
  buildSubscriberCallsBody,
  CallsBody,
  SubscriberCallsBody,
} from "./call-body.ts";
import { readSubscriber } from "./read-path.ts";
import { Line, NoQuery, SubscriberParams } from "./schemas.ts";
import { compact } from "../../push/compact.ts";

const CallParams = Type.Object({ id: Type.String({ minLength: 1, maxLength: 255 }) }, { additionalProperties: false });

/** `token`: from the call's URL, which the push carried to the app. */
const CallQuery = Type.Object({ token: Type.Optional(Type.String()) }, { additionalProperties: false });

/** `cancel` is SIP's name for `cancelled`. */
const EVENTS = ["ringing", "answered", "declined", "cancel", "cancelled", "missed"] as const;

const EventBody = Type.Object(
  {
    event: Type.Enum(EVENTS),
    /** Selects one subscriber if the Call-ID rings several; undefined for all of them. */
    callee: Type.Optional(Line(600)),
    /** The device that answered, declined or rings. */
    device: Type.Optional(Line(255)),
    /** Registered Contact of the device, if its id is not known. */
    contact: Type.Optional(Line(2_048)),
  },
  { additionalProperties: false },
);

const MOST_LISTED = 50;

export type CallRouteDeps = Pick<HttpDeps, "calls" | "clock">;

export const callRoutes: FastifyPluginAsyncTypebox<CallRouteDeps> = async (app, { calls, clock }) => {
  leaveOutNotGiven(app);
  acceptForms(app, new Set());

  app.get(
    "/v1/calls/:id",
    {
      config: { opensWithToken: true },
      schema: { params: CallParams, querystring: CallQuery, response: { 200: Type.Union([CallsBody, AppCallBody]) } },
    },
    async ({ params: { id }, query: { token } }) => {
      const found = await calls.find(id);
      const now = clock();
      if (token === undefined) {
        if (found.length === 0) throw noSuchCall(id);
        return buildCallsBody(id, found, now);
      }
      // A wrong token gets the same answer as an unknown call.
      const own = found.find((call) => showsToken(token, call.urlToken));
      if (own === undefined) throw noSuchCall(id);
      return buildAppCallBody(own, now);
    },
  );

  app.get(
    "/v1/subscribers/:subscriber/calls",
    { schema: { params: SubscriberParams, querystring: NoQuery, response: { 200: SubscriberCallsBody } } },
    async ({ params: { subscriber } }) =>
      buildSubscriberCallsBody(await calls.listLatest(readSubscriber(subscriber), MOST_LISTED), clock()),
  );

  app.post(
    "/v1/calls/:id/events",
    { schema: { params: CallParams, querystring: NoQuery, body: EventBody, response: { 200: CallsBody } } },
    async ({ params: { id }, body: { event, callee, ...phone } }) => {
      const selector: CallSelector = compact({ id, callee: callee === undefined ? undefined : readCallee(callee) });
      const { contact, ...named } = phone;
      const options = contact === undefined ? {} : { contact };
      const heard: readonly Call[] = await calls.hear(selector, readEvent(event, named), options);
      if (heard.length === 0) throw noSuchCall(id);
      return buildCallsBody(id, heard, clock());
    },
  );
};

function readEvent(event: (typeof EVENTS)[number], { device: deviceId }: { readonly device?: string }): CallEvent {
  const device = deviceId === undefined ? {} : { deviceId };
  switch (event) {
    case "cancel":
    case "cancelled":
      return { kind: "cancelled" };
    case "missed":
      return { kind: "missed" };
    case "ringing":
      return { kind: "ringing", ...device };
    case "answered":
    case "declined":
      return { kind: event, ...device };
  }
}

function readCallee(text: string): Aor {
  const aor = readAor(text);
  if (aor !== undefined) return aor;
  throw new GatewayError("invalid_field", "callee has to be user@domain.", { field: "callee" });
}

function noSuchCall(id: string): GatewayError {
  return new GatewayError("not_found", `There is no call ${id}, or it is no longer stored.`, { field: "id" });
}

/** Compares with the call's token in constant time. */
function showsToken(shown: string, token: string): boolean {
  return timingSafeEqual(digest(shown), digest(token));
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
