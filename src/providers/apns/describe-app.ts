import { describeProxy } from "../describe-proxy.ts";
import type { ConfiguredApnsApp } from "./configured-app.ts";

export function describeApp({ credentials, voipCredentials, topic, origins, proxy }: ConfiguredApnsApp): string[] {
  const where = `${topic} at ${origins.production}, sandbox ${origins.sandbox}${describeProxy(proxy)}`;
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
