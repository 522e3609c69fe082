import type { ApnsEnvironment } from "../../certificates/apple-rights.ts";
import type { ApnsReason } from "./answers.ts";
import type { ClientCertificate } from "./client-certificate.ts";
import type { ProviderTokens } from "./provider-token.ts";
import { splitTopic } from "./topic.ts";

/**
 * The topic of an authorized push, or the reason for refusing it. `topic` comes from the certificate if that allows
 * only one.
 */
export type Authorization = { readonly topic: string } | { readonly refused: ApnsReason };

/** Authorizes a connection by its client certificate. Apple then ignores the `authorization` header. */
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
