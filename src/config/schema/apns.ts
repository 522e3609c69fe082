import { Type } from "typebox";
import { APP_PAYLOAD_PROFILE } from "./payload-profile.ts";
import { CA_FILE, ignored, KEY_PASSPHRASE, KEY_PASSPHRASE_FILE, pemPath, port, PROXY } from "./parts.ts";

export const APNS_PRODUCTION = "api.push.apple.com";
/**
 * Long enough for a tunnel or a lift: https://developer.apple.com/documentation/pushkit asks for "0, or only a few
 * seconds".
 */
export const DEFAULT_VOIP_EXPIRY_SECONDS = 30;
export const APNS_SANDBOX = "api.sandbox.push.apple.com";

const CERTIFICATE_EXAMPLE = "/etc/sip-pushd/apns.pem";
const KEY_EXAMPLE = "/etc/sip-pushd/apns-key.pem";

const Http2Jwt = Type.Object(
  {
    enable: Type.Boolean({ description: "Sign in with a key (.p8) instead of a certificate.", default: true }),
    ec_key: pemPath("Apple's signing key, as downloaded (`AuthKey_….p8`).", "/etc/sip-pushd/AuthKey_ABCDE12345.p8"),
    ec_key_id: Type.Optional(Type.String({ description: "Its key id, 10 characters.", example: "ABCDE12345" })),
    issuer: Type.Optional(Type.String({ description: "Apple's team id, 10 characters.", example: "VWXYZ67890" })),
    topic: Type.Optional(Type.String({ description: "Bundle id of the app.", example: "com.example.app" })),
    tls_certificate: pemPath("Additional client certificate (Apple does not ask for one).", CERTIFICATE_EXAMPLE),
    tls_key: pemPath("Its private key.", KEY_EXAMPLE),
  },
  { description: "Token authentication: one key for all apps of a team, and it does not expire." },
);

const Legacy = Type.Object(
  {
    certificate: pemPath("Same as `apns.certificate`, under NGCP's name.", CERTIFICATE_EXAMPLE),
    key: pemPath("As `apns.key`.", KEY_EXAMPLE),
    key_passphrase: KEY_PASSPHRASE,
    key_passphrase_file: KEY_PASSPHRASE_FILE,
    feedback_endpoint: ignored("Ignored: Apple has no feedback service any more; it reports a dead token at once."),
    feedback_interval: ignored("Ignored, as `feedback_endpoint`."),
  },
  { description: "The push certificate under its NGCP name." },
);

const ExtraInstance = Type.Object({
  type: Type.Enum(["callkit"], { description: "`callkit`: the certificate for calls (VoIP)." }),
  enable: Type.Boolean({ description: "Enables it.", default: true }),
  certificate: pemPath("VoIP services certificate, for `<bundle id>.voip`.", "/etc/sip-pushd/voip.pem"),
  key: pemPath("Its private key; not needed if the certificate's file contains it.", "/etc/sip-pushd/voip-key.pem"),
  key_passphrase: KEY_PASSPHRASE,
  key_passphrase_file: KEY_PASSPHRASE_FILE,
});

export const Apns = Type.Object(
  {
    enable: Type.Boolean({ description: "Enables pushes to iPhones.", default: true }),
    certificate: pemPath("Push certificate.", CERTIFICATE_EXAMPLE),
    key: pemPath("Its private key; not needed if the certificate's file contains it.", KEY_EXAMPLE),
    key_passphrase: KEY_PASSPHRASE,
    key_passphrase_file: KEY_PASSPHRASE_FILE,
    topic: Type.Optional(
      Type.String({
        description: "Bundle id of the app.",
        defaultText: "`http2_jwt.topic`, or the certificate's",
        example: "com.example.app",
      }),
    ),
    endpoint: Type.Optional(
      Type.String({
        description: "Apple's host, `host:port` or an https URL. A sandbox host takes every push.",
        default: APNS_PRODUCTION,
      }),
    ),
    endpoint_port: Type.Optional(
      port({ description: "Port of `endpoint`. 0, and 2195 of the binary protocol, mean 443.", default: 443 }),
    ),
    sandbox_endpoint: Type.Optional(
      Type.String({
        description: "Host for devices that registered for Apple's sandbox.",
        defaultText: `\`${APNS_SANDBOX}\`; the same as \`endpoint\` if that is not Apple's`,
        example: APNS_SANDBOX,
      }),
    ),
    voip_expiry_seconds: Type.Optional(
      Type.Integer({
        description:
          "How long Apple keeps a call's push for an unreachable iPhone, at most until the call's deadline. 0: it is delivered at once or not at all.",
        minimum: 0,
        maximum: 600,
        default: DEFAULT_VOIP_EXPIRY_SECONDS,
      }),
    ),
    ca_file: CA_FILE,
    proxy: PROXY,
    payload_profile: APP_PAYLOAD_PROFILE,
    http2_jwt: Type.Optional(Http2Jwt),
    legacy: Type.Optional(Legacy),
    extra_instances: Type.Array(ExtraInstance, {
      description: "A second certificate for calls; ignored if `http2_jwt` is enabled.",
      default: [],
    }),
    socket_timeout: ignored("Ignored: the gateway supervises its connections itself."),
    feedback_endpoint: ignored("Ignored, as `legacy.feedback_endpoint`."),
    feedback_interval: ignored("Ignored, as `legacy.feedback_endpoint`."),
  },
  { description: "Apple. Needs either a key (`http2_jwt`) or a certificate." },
);
