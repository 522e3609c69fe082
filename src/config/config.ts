import type { Environment, ProviderName } from "../push/device.ts";
import type { RequestedKind } from "../push/push.ts";
import type { PayloadProfile } from "../push/payload-profile.ts";
import type { RetryPolicy } from "../push/retry.ts";
import type { LauncherConfig } from "./launcher-config.ts";
import type { Dedup, Log, REGISTRATION, Subscribers } from "./schema/config-schema.ts";
import type { Dialects } from "./schema/dialects.ts";
import type { Limits } from "./schema/limits.ts";
import type { QUEUE, REDIS_KEYS, RETENTION } from "./schema/store.ts";
import type { Resolved, ResolvedSection } from "./schema/target.ts";

/** Settings of a running gateway: checked, complete and frozen. */
export interface Config {
  /** False for `enable: no`; all other members are then meaningless. */
  readonly enabled: boolean;
  /** Number of worker processes that share listeners and store; 1 for a single process. */
  readonly processes: number;
  readonly listeners: readonly ListenerConfig[];
  readonly auth: { readonly keys: readonly ApiKey[] };
  readonly registration: Resolved<typeof REGISTRATION>;
  readonly subscribers: ResolvedSection<typeof Subscribers>;
  /** Apps of every domain without its own. */
  readonly apps: AppsConfig;
  readonly domains: readonly DomainConfig[];
  readonly store: StoreConfig;
  /** Milliseconds. */
  readonly ttl: Readonly<Record<RequestedKind, number>>;
  readonly dedup: ResolvedSection<typeof Dedup>;
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
  readonly limits: ResolvedSection<typeof Limits>;
  readonly log: ResolvedSection<typeof Log>;
}

export type DialectsConfig = ResolvedSection<typeof Dialects>;

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

export interface StoreLimits extends Resolved<typeof RETENTION> {
  /** Limits of pending pushes. */
  readonly queue: Resolved<typeof QUEUE>;
}

export interface SqliteStoreConfig extends StoreLimits {
  readonly kind: "sqlite";
  readonly path: string;
  readonly durability: "process" | "disk";
}

export interface RedisStoreConfig extends StoreLimits, Resolved<typeof REDIS_KEYS> {
  readonly kind: "redis";
  readonly connection: RedisConnectionConfig;
  readonly durability: "process" | "disk" | { readonly replicas: number; readonly timeoutMs: number };
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

export type HostRole = "service" | "load_balancer" | "shared";

/** Settings of `sip-pushd check`. */
export interface ChecklistConfig {
  readonly names: readonly {
    readonly name: string;
    readonly role: HostRole;
    readonly addresses: readonly string[];
  }[];
  readonly domains: readonly string[];
  readonly services: readonly string[];
  readonly resolvers: readonly string[];
  readonly ntpServers: readonly { readonly host: string; readonly port: number }[];
  /** Absolute path. */
  readonly caFile?: string;
}

export type Priority = "high" | "normal";
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
