import { Type, type Static } from "typebox";
import { Apns } from "./apns.ts";
import { Dialects } from "./dialects.ts";
import { Fcm, Gcm } from "./google.ts";
import { ignored, KEY_PASSPHRASE, KEY_PASSPHRASE_FILE, pemPath, port, proxySetting, seconds } from "./parts.ts";
import { Checklist } from "./checklist.ts";
import { Launcher } from "./launcher.ts";
import { Limits } from "./limits.ts";
import { Store } from "./store.ts";
import { as, SECOND_MS } from "./target.ts";

export const DEFAULT_HOST = "localhost";
export const DEFAULT_PORT = 45_060;
/** A shorter key could be guessed. */
export const SHORTEST_API_KEY = 16;
/** FCM's ceiling, 4 weeks: https://firebase.google.com/docs/cloud-messaging/concept-options#ttl */
const LONGEST_TTL_SECONDS = 2_419_200;

const TLS_KEYS = {
  sslcertfile: pemPath("Certificate (chain) that the listener presents.", "/etc/sip-pushd/tls.pem"),
  sslcertkeyfile: pemPath("Its private key; not needed if `sslcertfile` contains it.", "/etc/sip-pushd/tls-key.pem"),
  ssl_key_passphrase: KEY_PASSPHRASE,
  ssl_key_passphrase_file: KEY_PASSPHRASE_FILE,
};

const hostSetting = Type.String({
  description: "Address or name to listen on; `localhost` is both 127.0.0.1 and ::1, `0.0.0.0` every IPv4 address.",
  default: DEFAULT_HOST,
});

/** For a listener on loopback; any other needs a key anyway. */
const LOOPBACK_KEYS = {
  require_key: Type.Boolean({
    description:
      "Requires an API key on a listener on loopback as well, for instance if a reverse proxy forwards requests to it.",
    default: false,
  }),
  names: Type.Array(Type.String(), {
    description:
      "Names under which local programs reach a listener on loopback that requires no key, besides `localhost`, names without a dot, and those of its certificate, `calls.public_url` and the launcher. `*.example.org` stands for one label.",
    expects: "a list of host names",
    default: [] as string[],
  }),
};

const Listen = Type.Object({
  host: hostSetting,
  port: port({ description: "Port; 0 takes any free one." }),
  ssl: Type.Optional(
    Type.Boolean({ description: "TLS.", defaultText: "`yes`; `no` on a loopback address without `sslcertfile`" }),
  ),
  ...TLS_KEYS,
  plain_http: Type.Boolean({
    description: "Allows plain HTTP on an address that other machines can reach.",
    default: false,
  }),
  ...LOOPBACK_KEYS,
});

const ApiKeySetting = Type.Object(
  {
    name: Type.String({ description: "Name of the key's user, for the log.", minLength: 1, example: "proxy" }),
    key: Type.Optional(Type.String({ description: `The key, at least ${SHORTEST_API_KEY} characters.`, secret: true })),
    key_file: Type.Optional(
      Type.String({
        description: "File that contains the key.",
        expects: "the path of a file",
        example: "/etc/sip-pushd/proxy.key",
      }),
    ),
  },
  // Without `name:` and `key:` the bare key was written.
  { secret: true },
);

/** At the top level of the file, as in NGCP's. */
export const REGISTRATION = {
  unique_device_ids: Type.Boolean({
    description: "Allows only one subscriber to register a device id.",
    default: false,
  }),
  one_device_per_subscriber: Type.Boolean({
    description: "Makes the registration of a device remove the subscriber's others.",
    default: false,
  }),
};

export const Subscribers = Type.Object(
  {
    fold_case: Type.Boolean({
      description:
        "Makes `Alice@example.org` and `alice@example.org` the same subscriber, as in XMPP; SIP distinguishes them. All names are then converted to lower case. Data stored under a name with capitals is no longer found: phones return when they register again, and preferences have to be set again.",
      default: false,
    }),
  },
  { description: "Names of subscribers." },
);

export const Dedup = Type.Object(
  {
    push_id_window_seconds: as(
      "explicitMs",
      seconds({
        description: "How long requests with the same `push_id` count as the same push.",
        default: 600,
        minimum: 0,
        maximum: 86_400,
      }),
      SECOND_MS,
    ),
    window_seconds: as(
      "implicitMs",
      seconds({
        description:
          "How long equal requests without a `push_id` count as the same push. A caller who redials after that rings again.",
        default: 3,
        minimum: 0,
        maximum: 3600,
      }),
      SECOND_MS,
    ),
  },
  { description: "When two requests count as one push." },
);

export const Log = Type.Object(
  {
    level: Type.Enum(["trace", "debug", "info", "warn", "error"], {
      description: "Lowest level that is logged.",
      default: "info",
    }),
  },
  { description: "The log." },
);

interface RetryDefaults {
  readonly base_ms: number;
  readonly cap_ms: number;
  readonly apns_busy_ms: number;
  readonly fcm_busy_ms: number;
}

function retrySettings(defaults: RetryDefaults) {
  return Type.Object(
    {
      base_ms: Type.Integer({
        description: "Upper limit of the first pause; each further limit is twice as long.",
        default: defaults.base_ms,
        minimum: 1,
        maximum: 3_600_000,
        expects: "milliseconds, from 1 to 3600000",
      }),
      cap_ms: Type.Integer({
        description: "Longest pause.",
        default: defaults.cap_ms,
        minimum: 1,
        maximum: 86_400_000,
        expects: "milliseconds, from 1 to 86400000",
      }),
      max_attempts: Type.Optional(
        Type.Integer({
          description: "Limit of attempts per device, including the first.",
          defaultText: "as many as the push has time for",
          minimum: 1,
          maximum: 1000,
          expects: "a number of attempts, from 1 to 1000",
        }),
      ),
      apns_busy_ms: busyPause(
        "Shortest pause after Apple reported its own failure (500, 503). Apple asks for 15 minutes.",
        defaults.apns_busy_ms,
      ),
      fcm_busy_ms: busyPause(
        "The same for Google, if its answer names no time. Google asks for 10 seconds.",
        defaults.fcm_busy_ms,
      ),
    },
    { description: "Retries after the provider was busy or could not be reached, until the push's deadline." },
  );
}

function busyPause(description: string, value: number) {
  const expects = "milliseconds, from 0 to 3600000";
  return Type.Integer({ description, default: value, minimum: 0, maximum: 3_600_000, expects });
}

function kindSettings(ttl: number, retry: RetryDefaults) {
  return {
    ttl_seconds: seconds({
      description: "Lifetime of such a push if the request does not set one.",
      default: ttl,
      minimum: 1,
      maximum: LONGEST_TTL_SECONDS,
    }),
    retry: retrySettings(retry),
  };
}

const Domain = Type.Object({
  domain: Type.String({ description: "SIP or XMPP domain.", minLength: 1, example: "example.org" }),
  enable: Type.Boolean({ description: "Enables pushes to this domain's subscribers.", default: true }),
  apns: Type.Optional(Apns),
  fcm: Type.Optional(Fcm),
  gcm: Type.Optional(Gcm),
  android: Type.Optional(Fcm),
});

/** The only definition of the configuration file. Types, checks, variables and documentation are derived from it. */
export const ConfigSchema = Type.Object(
  {
    enable: Type.Boolean({ description: "Enables the gateway.", default: true }),
    host: Type.Optional(hostSetting),
    port: Type.Optional(
      port({ description: "Port of the main listener; 0 takes any free one.", default: DEFAULT_PORT }),
    ),
    ssl: Type.Optional(Type.Boolean({ description: "TLS on the main listener.", default: true })),
    ...TLS_KEYS,
    ...LOOPBACK_KEYS,
    processes: Type.Integer({
      description:
        "Worker processes, which share the listeners and the store. With `port: 0` all of them share one free port.",
      default: 1,
      minimum: 1,
      maximum: 64,
      expects: "a number of processes, from 1 to 64",
      example: "4",
    }),
    ...REGISTRATION,
    subscribers: Subscribers,
    listen: Type.Array(Listen, {
      description: "Listeners. The main one is then open only if one of `host`, `port`, `ssl…` is set.",
      default: [],
    }),
    auth: Type.Object(
      {
        keys: Type.Array(ApiKeySetting, {
          description: "API keys. Requests from other machines need one.",
          default: [],
          secret: true,
        }),
      },
      { description: "Authentication of clients." },
    ),
    proxy: proxySetting(
      "HTTP proxy to Apple and Google, `http://user:password@host:port`. The gateway uses CONNECT, so TLS passes through the proxy unchanged.",
    ),
    apns: Type.Optional(Apns),
    fcm: Type.Optional(Fcm),
    gcm: Type.Optional(Gcm),
    android: Type.Optional(Fcm),
    domains: Type.Array(Domain, {
      description:
        "Domains with apps of their own. A missing provider section means the global one. Endpoints, `ca_file`, `proxy` and priorities that are missing in a section come from the global section.",
      default: [],
    }),
    store: Store,
    registrations: Type.Object(
      {
        refresh_wakes: Type.Boolean({
          description:
            "Wakes a phone by a silent push before its SIP registration expires, so that it registers again (RFC 8599 §5.5). For proxies that relay REGISTERs and have no such timer.",
          default: false,
        }),
        refresh_lead_seconds: seconds({
          description:
            "How long before the expiry; RFC 8599 requires at least 120. A registration no longer than this is not woken.",
          default: 120,
          minimum: 1,
          maximum: 3600,
        }),
      },
      { description: "REGISTERs relayed by a proxy." },
    ),
    calls: Type.Object(
      {
        public_url: Type.Optional(
          Type.String({
            description:
              "Address of this gateway for apps. A call's push then contains a URL that says whether the call still rings.",
            expects: "an https URL without a path",
            example: "https://push.example.org:45060",
          }),
        ),
        ...kindSettings(60, {
          base_ms: 200,
          cap_ms: 2000,
          // Apple's and Google's own pauses take most of the time that a phone rings, or more: docs/adr/0013.
          apns_busy_ms: 0,
          fcm_busy_ms: 1000,
        }),
      },
      { description: "Pushes for calls." },
    ),
    messages: Type.Object(
      kindSettings(86_400, { base_ms: 5000, cap_ms: 900_000, apns_busy_ms: 900_000, fcm_busy_ms: 10_000 }),
      { description: "Pushes for messages, invitations and group chats." },
    ),
    dedup: Dedup,
    dialects: Dialects,
    limits: Limits,
    launcher: Type.Optional(Launcher),
    checklist: Checklist,
    trusted_proxies: Type.Array(Type.String({ expects: "an address or a network", example: "10.0.0.0/8" }), {
      description:
        "Reverse proxies in front of the gateway whose `X-Forwarded-For` is trusted. Without this setting, rate limits treat all clients behind a proxy as one.",
      default: [],
    }),
    log: Log,
    muc: ignored("Ignored: group chat settings that NGCP writes for Prosody."),
  },
  { description: "The main listener, and settings of the gateway as a whole." },
);

export type RawConfig = Static<typeof ConfigSchema>;
export type RawApns = Static<typeof Apns>;
export type RawGoogle = Static<typeof Fcm>;
export type RawLauncher = Static<typeof Launcher>;
export type RawSignUp = NonNullable<RawLauncher["sign_up"]>;
export type RawListen = Static<typeof Listen>;
export type RawDomain = Static<typeof Domain>;
