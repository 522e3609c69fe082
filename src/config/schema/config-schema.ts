import { Type, type Static } from "typebox";
import { LOG_LEVELS } from "../config.ts";
import { Apns } from "./apns.ts";
import { Dialects } from "./dialects.ts";
import { Fcm, Gcm } from "./google.ts";
import { ignored, KEY_PASSPHRASE, KEY_PASSPHRASE_FILE, pemPath, port, proxySetting, seconds } from "./parts.ts";
import { Checklist } from "./checklist.ts";
import { Launcher } from "./launcher.ts";
import { Limits } from "./limits.ts";
import { Store } from "./store.ts";

export const DEFAULT_HOST = "localhost";
export const DEFAULT_PORT = 45_060;
/** A shorter key could be guessed. */
export const SHORTEST_API_KEY = 16;
/** FCM's ceiling, 4 weeks: https://firebase.google.com/docs/cloud-messaging/concept-options#ttl */
const LONGEST_TTL_SECONDS = 2_419_200;

const TLS_KEYS = {
  sslcertfile: pemPath("Certificate (chain) that the listener presents.", "/etc/sip-pushd/tls.pem"),
  sslcertkeyfile: pemPath("Its private key; absent where `sslcertfile` holds it.", "/etc/sip-pushd/tls-key.pem"),
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
      "Whether a listener on loopback asks for an API key, too, as where a reverse proxy passes requests on to it.",
    default: false,
  }),
  names: Type.Array(Type.String(), {
    description:
      "Names under which programs of this machine reach a listener on loopback that asks for no key, besides `localhost`, names without a dot, and those of its certificate, `calls.public_url` and the launcher. `*.example.org` stands for one label.",
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
  plain_http: Type.Boolean({ description: "Allows plain HTTP on an address that others reach.", default: false }),
  ...LOOPBACK_KEYS,
});

const ApiKeySetting = Type.Object(
  {
    name: Type.String({ description: "Who uses the key; stands in the log.", minLength: 1, example: "proxy" }),
    key: Type.Optional(Type.String({ description: `The key, at least ${SHORTEST_API_KEY} characters.`, secret: true })),
    key_file: Type.Optional(
      Type.String({
        description: "File that holds the key.",
        expects: "the path of a file",
        example: "/etc/sip-pushd/proxy.key",
      }),
    ),
  },
  // Without `name:` and `key:` the bare key was written.
  { secret: true },
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
        description: "First pause, at most; each further one may be twice as long.",
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
          description: "Most attempts per device, the first one included.",
          defaultText: "as many as the push has time for",
          minimum: 1,
          maximum: 1000,
          expects: "a number of attempts, from 1 to 1000",
        }),
      ),
      apns_busy_ms: busyPause(
        "Shortest pause after Apple said that it is in trouble itself (500, 503). Apple asks for 15 minutes.",
        defaults.apns_busy_ms,
      ),
      fcm_busy_ms: busyPause(
        "The same for Google, where it names no time itself. Google asks for 10 seconds.",
        defaults.fcm_busy_ms,
      ),
    },
    { description: "Attempts after the provider was busy or out of reach, within the push's time." },
  );
}

function busyPause(description: string, value: number) {
  const expects = "milliseconds, from 0 to 3600000";
  return Type.Integer({ description, default: value, minimum: 0, maximum: 3_600_000, expects });
}

function kindSettings(ttl: number, retry: RetryDefaults) {
  return {
    ttl_seconds: seconds({
      description: "How long such a push is worth anything where the request does not say.",
      default: ttl,
      minimum: 1,
      maximum: LONGEST_TTL_SECONDS,
    }),
    retry: retrySettings(retry),
  };
}

const Domain = Type.Object({
  domain: Type.String({ description: "SIP or XMPP domain.", minLength: 1, example: "example.org" }),
  enable: Type.Boolean({ description: "Whether this domain's subscribers are pushed.", default: true }),
  apns: Type.Optional(Apns),
  fcm: Type.Optional(Fcm),
  gcm: Type.Optional(Gcm),
  android: Type.Optional(Fcm),
});

/** The only definition of the configuration file. Types, checks, variables and documentation are derived from it. */
export const ConfigSchema = Type.Object(
  {
    enable: Type.Boolean({ description: "Whether the gateway runs at all.", default: true }),
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
    unique_device_ids: Type.Boolean({
      description: "Whether one device id may be registered by one subscriber only.",
      default: false,
    }),
    one_device_per_subscriber: Type.Boolean({
      description: "Whether registering a device removes the subscriber's others.",
      default: false,
    }),
    subscribers: Type.Object(
      {
        fold_case: Type.Boolean({
          description:
            "Whether `Alice@example.org` and `alice@example.org` are one subscriber, as XMPP has it; SIP tells them apart. Every name is then read in lower case. What the store has under a name with capitals is not found any more: phones come back when they register again, preferences have to be set again.",
          default: false,
        }),
      },
      { description: "How subscribers are named." },
    ),
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
      { description: "Who may send pushes." },
    ),
    proxy: proxySetting(
      "HTTP proxy on the way to Apple and Google, `http://user:password@host:port`: it is asked to CONNECT, and TLS goes through it untouched.",
    ),
    apns: Type.Optional(Apns),
    fcm: Type.Optional(Fcm),
    gcm: Type.Optional(Gcm),
    android: Type.Optional(Fcm),
    domains: Type.Array(Domain, {
      description:
        "Domains with apps of their own. A provider section that is absent here is the global one; endpoints, `ca_file`, `proxy` and priorities that such a section leaves out are the global section's.",
      default: [],
    }),
    store: Store,
    registrations: Type.Object(
      {
        refresh_wakes: Type.Boolean({
          description:
            "Whether a phone is woken by a silent push before its SIP registration expires, so that it registers again (RFC 8599 §5.5): for proxies that relay REGISTERs and have no such timer.",
          default: false,
        }),
        refresh_lead_seconds: seconds({
          description:
            "So long before; RFC 8599 wants 120 at least. A registration that is no longer than that is left alone.",
          default: 120,
          minimum: 1,
          maximum: 3600,
        }),
      },
      { description: "REGISTERs that a proxy relays." },
    ),
    calls: Type.Object(
      {
        public_url: Type.Optional(
          Type.String({
            description:
              "Where apps reach this gateway: a call's push then carries a URL that says whether it still rings.",
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
    dedup: Type.Object(
      {
        push_id_window_seconds: seconds({
          description: "How long the same `push_id` is the same push.",
          default: 600,
          minimum: 0,
          maximum: 86_400,
        }),
        window_seconds: seconds({
          description: "How long the same request without one is the same push; who redials after it must ring.",
          default: 3,
          minimum: 0,
          maximum: 3600,
        }),
      },
      { description: "When two requests are one push." },
    ),
    dialects: Dialects,
    limits: Limits,
    launcher: Type.Optional(Launcher),
    checklist: Checklist,
    trusted_proxies: Type.Array(Type.String({ expects: "an address or a network", example: "10.0.0.0/8" }), {
      description:
        "Reverse proxies in front of the gateway, whose `X-Forwarded-For` is believed. Without them everybody behind a proxy is one client to rate limits.",
      default: [],
    }),
    log: Type.Object(
      { level: Type.Enum([...LOG_LEVELS], { description: "Least important line that is logged.", default: "info" }) },
      { description: "The log." },
    ),
    muc: ignored("Ignored: group chat settings that NGCP writes for Prosody."),
  },
  { description: "The main listener, and what holds for the gateway as a whole." },
);

export type RawConfig = Static<typeof ConfigSchema>;
export type RawApns = Static<typeof Apns>;
export type RawGoogle = Static<typeof Fcm>;
export type RawLauncher = Static<typeof Launcher>;
export type RawSignUp = NonNullable<RawLauncher["sign_up"]>;
export type RawListen = Static<typeof Listen>;
export type RawDomain = Static<typeof Domain>;
