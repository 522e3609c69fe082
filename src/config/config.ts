import type { Environment, ProviderName } from "../push/device.ts";
import type { RequestedKind } from "../push/push.ts";
import type { QueueLimits } from "../push/queue-room.ts";
import type { PayloadProfile } from "../push/payload-profile.ts";
import type { RetryPolicy } from "../push/retry.ts";
import type { LauncherConfig } from "./launcher-config.ts";

/** Settings of a running gateway: checked, complete and frozen. */
export interface Config {
  /** False for `enable: no`; all other members are then meaningless. */
  readonly enabled: boolean;
  /** Number of worker processes that share listeners and store; 1 for a single process. */
  readonly processes: number;
  readonly listeners: readonly ListenerConfig[];
  readonly auth: { readonly keys: readonly ApiKey[] };
  readonly registration: { readonly uniqueDeviceIds: boolean; readonly oneDevicePerSubscriber: boolean };
  /** `foldCase`: names that differ only by case belong to one subscriber. */
  readonly subscribers: { readonly foldCase: boolean };
  /** Apps of every domain without its own. */
  readonly apps: AppsConfig;
  readonly domains: readonly DomainConfig[];
  readonly store: StoreConfig;
  /** Milliseconds. */
  readonly ttl: Readonly<Record<RequestedKind, number>>;
  readonly dedup: { readonly explicitMs: number; readonly implicitMs: number };
  readonly retry: { readonly call: RetryPolicy; readonly message: RetryPolicy };
  /** Undefined if the gateway opens no launch links. */
  readonly launcher?: LauncherConfig;
  /** Proxies whose `X-Forwarded-For` is trusted: addresses and networks. */
  readonly trustedProxies: readonly string[];
  readonly bindings: {
    /** How long before its SIP binding expires a phone is woken; undefined to wake none. */
    readonly wakeLeadMs?: number;
  };
  readonly calls: {
    /**
     * Address of this gateway for apps, such as `https://push.example.org:45060`; undefined if they cannot reach it.
     */
    readonly publicUrl?: string;
  };
  readonly checklist: ChecklistConfig;
  readonly dialects: DialectsConfig;
  readonly limits: {
    /** Limit for members of `data` in one request to `/v1`. */
    readonly dataMembers: number;
    /** Average wait for the event loop above which requests are refused; 0 to refuse none. */
    readonly loopDelayMs: number;
    /** Most connections of one address that have not shown a valid key; 0: no limit. */
    readonly connectionsWithoutKey: number;
    /** Requests that have waited longer are refused. */
    readonly requestAgeMs: number;
  };
  readonly log: { readonly level: LogLevel };
}

export interface DialectsConfig {
  readonly sipwise: { readonly paths: readonly string[] };
  readonly flexisip: CompatDialectConfig;
  readonly freeswitch: CompatDialectConfig;
  readonly kazoo: CompatDialectConfig;
  readonly sylk: CompatDialectConfig;
  readonly vialer: CompatDialectConfig & { readonly holdMs: number };
}

export interface CompatDialectConfig {
  readonly paths: readonly string[];
  /** Undefined for the profile of the app that the push goes to. */
  readonly profile?: PayloadProfile;
}

export const LOG_LEVELS = ["trace", "debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface ListenerConfig {
  /** `localhost` stands for 127.0.0.1 and ::1. */
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
  readonly loopback: boolean;
  /** Undefined for plain HTTP. */
  readonly tls?: ListenerTls;
  /** Set if a listener on loopback requires a key as well. */
  readonly requireKey?: true;
  /** Names of the listener, with `*.` for one label; undefined if none are configured. */
  readonly names?: readonly string[];
}

/** `certificate` and `key` are PEM text. */
export interface ListenerTls {
  readonly certificate: string;
  readonly key: string;
  readonly certificateFile: string;
  readonly keyFile: string;
  readonly passphrase?: string;
}

export interface ApiKey {
  readonly name: string;
  readonly key: string;
}

export type AppsConfig = {
  readonly apns?: ApnsAppConfig;
  readonly fcm?: FcmAppConfig;
  readonly gcm?: GcmAppConfig;
};

export interface DomainConfig {
  readonly domain: string;
  readonly enabled: boolean;
  /** Providers missing here use the global app. */
  readonly apps: AppsConfig;
  /** Providers that this domain disables (`apns: {enable: no}`), which do not fall back to the global app. */
  readonly disabledProviders?: readonly ProviderName[];
  /** Own apps whose credentials cannot be used; they are not in `apps`. */
  readonly outOfOrder?: readonly ProviderName[];
}

export interface StoreLimits {
  readonly retentionMs: number;
  /** Keeps texts and tokens of ended pushes until retention. */
  readonly keepContent: boolean;
  /** Limits of pending pushes. */
  readonly queue: QueueLimits;
}

export interface SqliteStoreConfig extends StoreLimits {
  readonly kind: "sqlite";
  readonly path: string;
  readonly durability: "process" | "disk";
}

export interface RedisStoreConfig extends StoreLimits {
  readonly kind: "redis";
  readonly connection: RedisConnectionConfig;
  readonly keyPrefix: string;
  readonly shards: number;
  readonly durability: "process" | "disk" | { readonly replicas: number; readonly timeoutMs: number };
  readonly commandTimeoutMs: number;
}

export type StoreConfig = SqliteStoreConfig | RedisStoreConfig;

export interface RedisAddressConfig {
  readonly host: string;
  readonly port: number;
}

/** All in PEM. The key may be encrypted. */
export interface RedisTlsConfig {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly passphrase?: string;
}

/** Settings that may change while the gateway runs. */
export interface RedisLoginConfig {
  readonly username?: string;
  readonly password?: string;
  readonly tls?: RedisTlsConfig;
}

export type RedisConnectionConfig =
  | ({
      readonly kind: "single";
      /** Without user and password. */
      readonly url: string;
    } & RedisLoginConfig)
  | ({
      readonly kind: "sentinel";
      readonly name: string;
      readonly sentinels: readonly RedisAddressConfig[];
      readonly sentinelUsername?: string;
      readonly sentinelPassword?: string;
    } & RedisLoginConfig)
  | ({ readonly kind: "cluster"; readonly nodes: readonly RedisAddressConfig[] } & RedisLoginConfig);

/** Levels of durability: an accepted push survives the death of the process, of the machine, or of the Redis master. */
export const DURABILITIES = ["process", "disk", "replica"] as const;

export interface ApnsAppConfig {
  readonly credentials: ApnsCertificateCredentials | ApnsTokenCredentials;
  /** From `extra_instances`: serves the VoIP topic. */
  readonly voipCredentials?: ApnsCertificateCredentials;
  /** Bundle id. */
  readonly topic: string;
  /** `https://host:port` */
  readonly origins: { readonly production: string; readonly sandbox: string };
  readonly payloadProfile: PayloadProfile;
  /** How long Apple keeps a call's VoIP push at most. */
  readonly voipExpiryMs: number;
  /** PEM. */
  readonly ca?: string;
  readonly proxy?: ProxyConfig;
}

export interface ProxyConfig {
  readonly host: string;
  readonly port: number;
  readonly login?: { readonly user: string; readonly password: string };
}

export interface ApnsCertificateCredentials {
  readonly kind: "certificate";
  /** PEM. */
  readonly certificate: string;
  /** PEM. */
  readonly key: string;
  readonly passphrase?: string;
  /** All topics in the certificate. */
  readonly topics: readonly string[];
  /** Apple's services in the certificate; empty if it names none. */
  readonly environments: readonly Environment[];
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  readonly file: string;
}

export interface ApnsTokenCredentials {
  readonly kind: "token";
  /** PEM, not encrypted. */
  readonly key: string;
  readonly keyId: string;
  readonly teamId: string;
  readonly tls?: { readonly certificate: string; readonly key: string; readonly certificateFile: string };
}

export const HOST_ROLES = ["service", "load_balancer", "shared"] as const;
export type HostRole = (typeof HOST_ROLES)[number];

/** Settings of `sip-pushd check`. */
export interface ChecklistConfig {
  readonly names: readonly { readonly name: string; readonly role: HostRole; readonly addresses: readonly string[] }[];
  readonly domains: readonly string[];
  readonly services: readonly string[];
  readonly resolvers: readonly string[];
  readonly ntpServers: readonly { readonly host: string; readonly port: number }[];
  /** Absolute path. */
  readonly caFile?: string;
}

export const PRIORITIES = ["high", "normal"] as const;
export type Priority = (typeof PRIORITIES)[number];
/** Only configured kinds. */
export type PriorityByKind = Readonly<Partial<Record<RequestedKind, Priority>>>;

export interface FcmAppConfig {
  readonly serviceAccount: ServiceAccount;
  readonly origin: string;
  readonly tokenEndpoint: string;
  readonly ca?: string;
  readonly proxy?: ProxyConfig;
  readonly payloadProfile: PayloadProfile;
  readonly priority: PriorityByKind;
}

export interface ServiceAccount {
  readonly projectId: string;
  readonly clientEmail: string;
  readonly privateKey: string;
}

export interface GcmAppConfig {
  readonly key: string;
  readonly endpoint: string;
  readonly ca?: string;
  readonly proxy?: ProxyConfig;
  readonly payloadProfile: PayloadProfile;
  readonly priority: PriorityByKind;
}
