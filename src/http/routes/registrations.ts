import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type, type Static } from "typebox";
import type { RegisterOutcome } from "../../gateway/subscribers/relayed-registers.ts";
import { GatewayError } from "../../gateway/errors.ts";
import type { Aor } from "../../push/address.ts";
import { readAor } from "../../push/sip-uri.ts";
import { acceptForms } from "../form-fields.ts";
import type { HttpDeps } from "../http-deps.ts";
import { leaveOutNotGiven } from "../leave-out.ts";
import { Line, NoQuery } from "./schemas.ts";
import { compact } from "../../push/compact.ts";

/** May contain tabs: a header folded over several lines is one line by now. */
const HeaderValue = Type.String({ minLength: 1, maxLength: 16_384 });

const RegisterBody = Type.Object(
  {
    /** Address of record, from To: `user@domain`, with or without `sip:`. */
    aor: Line(600),
    /** The Contact header, unchanged. */
    contact: HeaderValue,
    /** The Expires header, for contacts without an expiry of their own. */
    expires: Type.Optional(Type.Integer({ minimum: 0, maximum: 4_294_967_295 })),
    user_agent: Type.Optional(Type.String({ maxLength: 1024 })),
    /** Further headers in which apps send their token (`X-MPUSH`, `X-P-Push`), by name. */
    headers: Type.Optional(Type.Record(Type.String({ maxLength: 64 }), HeaderValue, { maxProperties: 64 })),
  },
  { additionalProperties: false },
);

const OutcomeBody = Type.Object({
  subscriber: Type.String(),
  contacts: Type.Array(
    Type.Object({
      change: Type.Enum(["registered", "refreshed", "removed", "none"]),
      uri: Type.Optional(Type.String()),
      device: Type.Optional(Type.String()),
      problem: Type.Optional(Type.String()),
    }),
  ),
  /** Ids of the subscriber's ringing calls that now have a phone. */
  calls: Type.Array(Type.String()),
});

export type RegistrationRouteDeps = Pick<HttpDeps, "takeRegister">;

export const registrationRoutes: FastifyPluginAsyncTypebox<RegistrationRouteDeps> = async (app, { takeRegister }) => {
  leaveOutNotGiven(app);
  acceptForms(app, new Set(["expires"]));

  app.post(
    "/v1/registrations",
    // `door` makes refusals logged and counted, because a proxy that relays a REGISTER rarely reads the answer.
    { config: { door: "v1" }, schema: { body: RegisterBody, querystring: NoQuery, response: { 200: OutcomeBody } } },
    async ({ body: { aor, user_agent: userAgent, ...register } }) => {
      const subscriber = readSubscriber(aor);
      const relayed = { ...register, ...(userAgent === undefined ? {} : { userAgent }) };
      return buildOutcomeBody(subscriber, await takeRegister(subscriber, relayed));
    },
  );
};

function readSubscriber(text: string): Aor {
  const aor = readAor(text);
  if (aor !== undefined) return aor;
  const detail = "aor has to be the address of record, user@domain or sip:user@domain.";
  throw new GatewayError("invalid_field", detail, { field: "aor" });
}

function buildOutcomeBody(subscriber: Aor, { contacts, calls }: RegisterOutcome): Static<typeof OutcomeBody> {
  return {
    subscriber,
    contacts: contacts.map(({ change, uri, deviceId, problem }) =>
      compact({
        change,
        uri,
        device: deviceId,
        problem: problem === undefined ? undefined : problem.reason,
      }),
    ),
    calls: [...calls],
  };
}
