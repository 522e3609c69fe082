import { Type } from "typebox";
import { payloadProfile } from "./payload-profile.ts";
import { as } from "./target.ts";

/** A path with others below it. */
const BASE = "^/[A-Za-z0-9._~/-]+$";

const PROFILE_OF_DIALECT = "Payload form of the pushes requested in this way.";

function dialect(name: string, description: string) {
  return Type.Object(
    {
      ...pathsOf(name),
      payload_profile: as(
        "profile",
        Type.Optional(payloadProfile(PROFILE_OF_DIALECT, { defaultText: "the app's `payload_profile`" })),
      ),
    },
    { description },
  );
}

function pathsOf(name: string) {
  const base = `/compat/${name}`;
  return {
    paths: Type.Array(Type.String({ expects: "a path of letters, digits and . _ ~ -", example: base, pattern: BASE }), {
      description: "Paths on which, and below which, it is served; `[]` disables it.",
      default: [base],
    }),
  };
}

export const Dialects = Type.Object(
  {
    sipwise: Type.Object(
      {
        paths: Type.Array(
          Type.String({ expects: "a path that begins with /", example: "/push", pattern: "^/[^?#\\s]*$" }),
          {
            description: "Paths for Sipwise's own clients, besides `/push`.",
            default: ["/push", "/mobilepush/"],
          },
        ),
      },
      { description: "Requests of NGCP's proxy, SEMS and Prosody." },
    ),
    flexisip: Type.Object(
      {
        ...pathsOf("flexisip"),
        payload_profile: as("profile", payloadProfile(PROFILE_OF_DIALECT, { default: "linphone" })),
      },
      { description: "Flexisip's `external-push-uri`, and its `external-push-flexiapi`." },
    ),
    freeswitch: dialect("freeswitch", "FreeSWITCH's `mod_apn`."),
    kazoo: dialect("kazoo", "Kazoo's `push_req`, as a bridge from AMQP posts it."),
    sylk: dialect("sylk", "Sylk's pushserver, versions 1 and 2."),
    vialer: Type.Object(
      {
        ...pathsOf("vialer"),
        payload_profile: as("profile", payloadProfile(PROFILE_OF_DIALECT, { default: "vialer" })),
        hold_ms: Type.Integer({
          description:
            "How long to hold Asterisk's answer until a phone has registered. If none has, the answer is `status=NAK` and the call is over. 0: the answer is not held.",
          default: 4_000,
          minimum: 0,
          maximum: 60_000,
          expects: "milliseconds, from 0 to 60000",
        }),
      },
      { description: "VoIPGRID's vialer-middleware, for Asterisk and for its apps." },
    ),
  },
  { description: "Requests of other platforms: docs/platforms/dialects.md." },
);
