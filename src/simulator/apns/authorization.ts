import type { ApnsEnvironment } from "../../certificates/apple-rights.ts";
import type { ApnsReason } from "./answers.ts";
import type { ClientCertificate } from "./client-certificate.ts";
import type { ProviderTokens } from "./provider-token.ts";
import { splitTopic } from "./topic.ts";

/** Who may push where; `topic` is filled in where the certificate leaves no choice. */
export type Authorization = { readonly topic: string } | { readonly refused: ApnsReason };

/** A connection with a client certificate is trusted by that alone: its `authorization` headers are not even looked at. */
export function authorizeCertificate(
  certificate: ClientCertificate,
  topic: string | undefined,
  environment: ApnsEnvironment,
): Authorization {
  if (!certificate.trusted) return { refused: "BadCertificate" };
  if (!certificate.environments.includes(environment)) return { refused: "BadCertificateEnvironment" };
  if (topic === undefined) {
    const [only, ...others] = certificate.topics;
    return only === undefined || others.length > 0 ? { refused: "MissingTopic" } : { topic: only };
  }
  return certificate.topics.includes(topic) ? { topic } : { refused: "TopicDisallowed" };
}

export async function authorizeToken(
  tokens: ProviderTokens,
  authorization: string | undefined,
  topic: string | undefined,
): Promise<Authorization> {
  const verified = await tokens.verify(authorization);
  if (typeof verified === "string") return { refused: verified };
  if (topic === undefined) return { refused: "MissingTopic" };
  return verified.bundleIds.includes(splitTopic(topic).bundleId) ? { topic } : { refused: "TopicDisallowed" };
}
