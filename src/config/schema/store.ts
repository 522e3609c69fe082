import { Type } from "typebox";
import { KEY_PASSPHRASE, KEY_PASSPHRASE_FILE, pemPath } from "./parts.ts";
import { as, HOUR_MS, MEGABYTE } from "./target.ts";

/** An accepted push survives the death of the process, of the machine, or of the Redis master. */
const DURABILITIES = ["process", "disk", "replica"] as const;

const ADDRESSES = { expects: "a list of host:port", default: [] as string[] };

/** Settings of Redis besides its address and login. */
export const REDIS_KEYS = {
  key_prefix: Type.String({
    description: "Prefix of every key. Gateways with the same prefix share their pushes.",
    default: "sip-pushd:",
  }),
  shards: Type.Integer({
    description:
      "Number of parts into which the keys are divided. It must be the same for all gateways, and can never change.",
    default: 16,
    minimum: 1,
    maximum: 256,
    expects: "a number from 1 to 256",
  }),
  command_timeout_ms: Type.Integer({
    description: "Time limit for a Redis command.",
    default: 1_000,
    minimum: 50,
    maximum: 60_000,
    expects: "milliseconds, from 50 to 60000",
  }),
};

const Redis = Type.Object(
  {
    url: Type.Optional(
      Type.String({
        description: "A single Redis: redis://, or rediss:// for TLS.",
        expects: "an address like redis://127.0.0.1:6379/0",
        example: "redis://127.0.0.1:6379/0",
      }),
    ),
    sentinel: Type.Object(
      {
        name: Type.Optional(Type.String({ description: "The master's name.", example: "mymaster" })),
        nodes: Type.Array(Type.String(), { description: "The Sentinels.", ...ADDRESSES }),
        username: Type.Optional(Type.String({ description: "The Sentinels' own user (ACL), if any." })),
        password: Type.Optional(Type.String({ description: "The Sentinels' own password.", secret: true })),
        password_file: Type.Optional(
          Type.String({ description: "File that contains it.", expects: "the path of a file" }),
        ),
      },
      { description: "A master monitored by Sentinels, instead of `url`." },
    ),
    cluster: Type.Array(Type.String(), {
      description: "Some nodes of a Cluster, instead of `url`.",
      ...ADDRESSES,
    }),
    username: Type.Optional(Type.String({ description: "Redis user (ACL); overrides one in `url`." })),
    password: Type.Optional(Type.String({ description: "Redis password; overrides one in `url`.", secret: true })),
    password_file: Type.Optional(
      Type.String({
        description: "File that contains the password; reloaded when it changes.",
        expects: "the path of a file",
        example: "/etc/sip-pushd/redis.password",
      }),
    ),
    tls: Type.Boolean({
      description: "TLS to Redis and Sentinels; implied by `rediss://`, `ca_file` and `certificate`.",
      default: false,
    }),
    ca_file: pemPath(
      "Certificate authorities to trust for Redis instead of the usual ones.",
      "/etc/sip-pushd/redis-ca.pem",
    ),
    certificate: pemPath(
      "Client certificate, for a Redis with `tls-auth-clients yes`; reloaded when it changes.",
      "/etc/sip-pushd/redis-client.pem",
    ),
    key: pemPath("Its private key; not needed if `certificate` contains it.", "/etc/sip-pushd/redis-client-key.pem"),
    key_passphrase: KEY_PASSPHRASE,
    key_passphrase_file: KEY_PASSPHRASE_FILE,
    ...REDIS_KEYS,
    replicas: Type.Integer({
      description: "For durability `replica`: how many replicas must have a push before it counts as accepted.",
      default: 1,
      minimum: 1,
      maximum: 10,
      expects: "a number from 1 to 10",
    }),
    replica_timeout_ms: Type.Integer({
      description: "For durability `replica`: how long to wait for them.",
      default: 500,
      minimum: 10,
      maximum: 10_000,
      expects: "milliseconds, from 10 to 10000",
    }),
  },
  { description: "Redis 7 or newer, for `kind: redis`." },
);

/** Retention of pushes. */
export const RETENTION = {
  retention_hours: as(
    "retentionMs",
    Type.Integer({
      description: "How long a finished push, and a call with its history, can be looked up.",
      default: 24,
      minimum: 1,
      maximum: 8760,
      expects: "hours, from 1 to 8760",
    }),
    HOUR_MS,
  ),
  keep_content: Type.Boolean({
    description:
      "Keeps the texts (`alert`, `title`, `body`, `data`, `aps`) and tokens of finished pushes for `retention_hours`. `no`: only failed and expired pushes keep them, for a replay.",
    default: false,
  }),
};

/** Limits of pending pushes. */
export const QUEUE = {
  max_pending: as(
    "pushes",
    Type.Integer({
      description: "Limit of pending pushes; further ones are refused with 503.",
      default: 100_000,
      minimum: 1,
      maximum: 100_000_000,
      expects: "a number from 1 to 100000000",
    }),
  ),
  max_pending_mb: as(
    "bytes",
    Type.Integer({
      description: "Limit of the size of pending requests in megabytes.",
      default: 512,
      minimum: 1,
      maximum: 1_000_000,
      expects: "megabytes, from 1 to 1000000",
    }),
    MEGABYTE,
  ),
  messages_percent: Type.Integer({
    description:
      "Part of `max_pending` and `max_pending_mb`, and of the limits for one domain and one callee, that pushes other than calls may fill. The rest is reserved for calls.",
    default: 75,
    minimum: 1,
    maximum: 100,
    expects: "percent, from 1 to 100",
  }),
  domain_percent: Type.Integer({
    description:
      "Part of `max_pending` and `max_pending_mb` that one domain may fill. Use 100 if there is only one domain.",
    default: 75,
    minimum: 1,
    maximum: 100,
    expects: "percent, from 1 to 100",
  }),
  max_pending_per_callee: as(
    "calleePushes",
    Type.Integer({
      description: "Limit of pending pushes to one callee.",
      default: 1_000,
      minimum: 1,
      maximum: 100_000_000,
      expects: "a number from 1 to 100000000",
    }),
  ),
};

export const Store = Type.Object(
  {
    kind: Type.Optional(
      Type.Enum(["sqlite", "redis"], {
        description:
          "Where pushes and devices are kept: `sqlite` in a file on this machine, `redis` for several gateways. By default `redis` if `store.redis` says where Redis is, otherwise `sqlite`.",
        example: "redis",
      }),
    ),
    path: Type.Optional(
      Type.String({
        description: "Database file, for `kind: sqlite`.",
        defaultText: "`/var/lib/sip-pushd/sip-pushd.db`, or `$STATE_DIRECTORY/sip-pushd.db` (systemd)",
        expects: "the path of a file",
        example: "/var/lib/sip-pushd/sip-pushd.db",
      }),
    ),
    redis: Redis,
    durability: Type.Enum([...DURABILITIES], {
      description:
        "Losses that an accepted push survives: `process` the death of the gateway, `disk` also that of the machine, `replica` (Redis) also the loss of the master.",
      default: "process",
    }),
    ...RETENTION,
    ...QUEUE,
  },
  { description: "The store." },
);
