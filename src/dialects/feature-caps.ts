import { findProviderModule } from "../providers/providers.ts";
import type { ProviderName } from "../push/device.ts";

export interface FeatureCapsOptions {
  /**
   * Set if the app wakes itself and refreshes at least this many seconds before its binding ends; more than 120 (RFC
   * 8599 §8.3).
   */
  readonly refreshSeconds?: number;
}

/** Returns one `Feature-Caps` header value for each push service that the configured apps serve (RFC 8599 §8). */
export function buildFeatureCaps(
  configured: Iterable<ProviderName>,
  { refreshSeconds }: FeatureCapsOptions = {},
): readonly string[] {
  const services = new Set([...configured].flatMap((provider) => findProviderModule(provider)?.sipServices ?? []));
  const refresh =
    refreshSeconds !== undefined && refreshSeconds > 120 ? `;+sip.pnsreg="${Math.ceil(refreshSeconds)}"` : "";
  return [...services].map((service) => `*;+sip.pns="${service}"${refresh}`);
}
