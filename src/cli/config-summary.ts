import type {
  ApnsAppConfig,
  AppsConfig,
  Config,
  DomainConfig,
  FcmAppConfig,
  ListenerConfig,
  ProxyConfig,
  StoreConfig,
} from "../config/config.ts";

/** Describes in a few lines for the operator what a gateway with this configuration would do. */
export function summarizeConfig(config: Config): string[] {
  if (!config.enabled) return ["enable: no, so that serve would do nothing"];
  const { domains, store, auth } = config;
  return [
    ...config.listeners.map(describeListener),
    ...(config.processes > 1 ? [`runs ${config.processes} worker processes`] : []),
    describeStore(store),
    `${auth.keys.length} API ${auth.keys.length === 1 ? "key" : "keys"} for the listeners that need one`,
    ...describeApps("all domains", config.apps),
    ...domains.flatMap(describeDomain),
  ];
}

function describeDomain({ domain, enabled, apps, outOfOrder = [] }: DomainConfig): string[] {
  if (!enabled) return [`${domain}: switched off`];
  return [...describeApps(domain, apps), ...outOfOrder.map((provider) => `${domain}: ${provider} is out of order`)];
}

function describeStore({ durability, ...store }: StoreConfig): string {
  const level = typeof durability === "string" ? durability : `replica (${durability.replicas})`;
  const where = store.kind === "sqlite" ? store.path : `Redis (${store.connection.kind}), keys ${store.keyPrefix}…`;
  return `keeps pushes and devices in ${where}, durability ${level}`;
}

function describeListener({ host, port, tls, loopback, requireKey }: ListenerConfig): string {
  const scheme = tls === undefined ? "http" : "https";
  const authority = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  return `listens on ${scheme}://${authority}, ${loopback && requireKey !== true ? "no key needed" : "an API key needed"}`;
}

function describeApps(whose: string, { apns, fcm, gcm }: AppsConfig): string[] {
  return [
    ...(apns === undefined ? [] : describeApns(apns)),
    ...(fcm === undefined ? [] : describeFcm(fcm)),
    ...(gcm === undefined ? [] : [`GCM by server key at ${gcm.endpoint}${describeWay(gcm)}`]),
  ].map((line) => `${whose}: ${line}`);
}

function describeFcm(fcm: FcmAppConfig): string[] {
  const account = `FCM by service account ${fcm.serviceAccount.clientEmail}${describeWay(fcm)}`;
  return [`${account}; iPhones with Firebase are called by an alert, CallKit needs apns`, ...hintAtPriority(fcm)];
}

/** NGCP's own files contain this setting. */
function hintAtPriority({ priority }: FcmAppConfig): string[] {
  const slow = (["message", "groupchat", "invite"] as const).filter((kind) => priority[kind] === "normal");
  if (slow.length === 0) return [];
  const what = slow.join(", ");
  return [`hint: the priority of ${what} is normal, so a sleeping Android phone shows them late; the default is high`];
}

/** Omits the login. */
function describeWay({ proxy }: { readonly proxy?: ProxyConfig }): string {
  return proxy === undefined ? "" : `, through the proxy ${proxy.host}:${proxy.port}`;
}

function describeApns({ credentials, voipCredentials, topic, origins, ...way }: ApnsAppConfig): string[] {
  const where = `${topic} at ${origins.production}, sandbox ${origins.sandbox}${describeWay(way)}`;
  if (credentials.kind === "token") {
    return [`APNs by key ${credentials.keyId} of team ${credentials.teamId}: ${where}; calls and messages`];
  }
  const certificates = voipCredentials === undefined ? [credentials] : [credentials, voipCredentials];
  const topics = new Set(certificates.flatMap((certificate) => certificate.topics));
  const calls = topics.has(`${topic}.voip`) ? "calls and messages" : "messages; no certificate names the VoIP topic";
  return [
    `APNs by certificate: ${where}; ${calls}`,
    ...certificates.map(
      ({ file, expiresAt, environments }) =>
        `${file} expires on ${new Date(expiresAt).toISOString().slice(0, 10)}${environments.length === 1 ? `, for ${environments[0]} alone` : ""}`,
    ),
  ];
}
