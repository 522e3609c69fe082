import { Type } from "typebox";
import { payloadProfile } from "./payload-profile.ts";

/** A path with others below it. */
const BASE = "^/[A-Za-z0-9._~/-]+$";

const PROFILE_OF_DIALECT = "Form of the pushes that are asked for so.";

function dialect(name: string, description: string) {
  return Type.Object(
    {
      ...pathsOf(name),
      payload_profile: Type.Optional(
        payloadProfile(PROFILE_OF_DIALECT, { defaultText: "the app's `payload_profile`" }),
      ),
    },
    { description },
  );
}

function pathsOf(name: string) {
  const base = `/compat/${name}`;
  return {
    paths: Type.Array(Type.String({ expects: "a path of letters, digits and . _ ~ -", example: base, pattern: BASE }), {
      description: "Paths on which, and below which, it is answered; `[]`: it is not.",
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
            description: "Paths on which Sipwise's own clients are answered; `/push` always is.",
            default: ["/push", "/mobilepush/"],
          },
        ),
      },
      { description: "As NGCP's proxy, SEMS and Prosody speak." },
    ),
    flexisip: Type.Object(
      { ...pathsOf("flexisip"), payload_profile: payloadProfile(PROFILE_OF_DIALECT, { default: "linphone" }) },
      { description: "Flexisip's `external-push-uri`, and its `external-push-flexiapi`." },
    ),
    freeswitch: dialect("freeswitch", "FreeSWITCH's `mod_apn`."),
    kazoo: dialect("kazoo", "Kazoo's `push_req`, as a bridge from AMQP posts it."),
    sylk: dialect("sylk", "Sylk's pushserver, versions 1 and 2."),
    vialer: Type.Object(
      {
        ...pathsOf("vialer"),
        payload_profile: payloadProfile(PROFILE_OF_DIALECT, { default: "vialer" }),
        hold_ms: Type.Integer({
          description:
            "How long Asterisk's answer is held until a phone has come; without one it is `status=NAK` then, and the call is over. 0: it is not held.",
          default: 4_000,
          minimum: 0,
          maximum: 60_000,
          expects: "milliseconds, from 0 to 60000",
        }),
      },
      { description: "VoIPGRID's vialer-middleware, for Asterisk and for its apps." },
    ),
  },
  { description: "Other platforms' ways of asking for a push: docs/dialects.md." },
);
