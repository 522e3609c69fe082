import { Type } from "typebox";
import type { RequestedKind } from "../../push/push.ts";
import { APP_PAYLOAD_PROFILE } from "./payload-profile.ts";
import { CA_FILE, PROXY } from "./parts.ts";

export const FCM_ENDPOINT = "https://fcm.googleapis.com";
export const FCM_TOKEN_ENDPOINT = "https://oauth2.googleapis.com/token";
export const GCM_ENDPOINT = "https://fcm.googleapis.com/fcm/send";

function priorityOf(kind: RequestedKind) {
  const defaultText = kind === "call" ? "`high`" : "`high`; `normal` for silent pushes";
  const options = { description: `Priority of a push of kind \`${kind}\`.`, defaultText };
  return Type.Optional(Type.Enum(["high", "normal"], options));
}

const Priority = Type.Object(
  {
    call: priorityOf("call"),
    groupchat: priorityOf("groupchat"),
    invite: priorityOf("invite"),
    message: priorityOf("message"),
  },
  { description: "Google's priority: `high` wakes a sleeping phone, `normal` may wait until it is awake." },
);

const SHARED = {
  enable: Type.Boolean({ description: "Enables pushes to Android phones.", default: true }),
  key: Type.Optional(
    Type.String({
      description: "Legacy GCM server key. Google switched that API off in 2024; use `fcm.service_account`.",
      secret: true,
    }),
  ),
  service_account: Type.Optional(
    Type.String({
      description: "Service account file (JSON) of the Firebase project, for Google's current API, HTTP v1.",
      expects: "the path of a JSON file",
      credential: true,
      example: "/etc/sip-pushd/firebase.json",
    }),
  ),
  token_endpoint: Type.Optional(
    Type.String({ description: "URL that issues access tokens.", default: FCM_TOKEN_ENDPOINT }),
  ),
  ca_file: CA_FILE,
  proxy: PROXY,
  payload_profile: APP_PAYLOAD_PROFILE,
  priority: Type.Optional(Priority),
};

export const Fcm = Type.Object(
  {
    ...SHARED,
    endpoint: Type.Optional(Type.String({ description: "Origin of FCM HTTP v1.", default: FCM_ENDPOINT })),
  },
  {
    description:
      "Google. `fcm`, `gcm` and `android` are three names of the same section: NGCP's name depends on its version.",
  },
);

export const Gcm = Type.Object(
  {
    ...SHARED,
    endpoint: Type.Optional(
      Type.String({
        description: "URL of the legacy API, for `key`, or of a server that implements it.",
        default: GCM_ENDPOINT,
      }),
    ),
  },
  { description: "Google, under NGCP's name before mr13.2." },
);
