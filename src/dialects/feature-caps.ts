import type { ProviderName } from "../push/device.ts";

/** The names under which an app of ours is known to SIP (RFC 8599 §10); `apns.dev` is Linphone's for Apple's sandbox. */
const PUSH_SERVICES = {
  apns: ["apns", "apns.dev"],
  fcm: ["fcm"],
  gcm: ["fcm"],
} as const satisfies Record<ProviderName, readonly string[]>;

export interface FeatureCapsOptions {
  /** The app wakes itself and refreshes at least so many seconds before its binding ends; more than 120 (RFC 8599 §8.3). */
  readonly refreshSeconds?: number;
}

/** One value of a `Feature-Caps` header for each push service that the configured apps serve (RFC 8599 §8). */
export function buildFeatureCaps(
  configured: Iterable<ProviderName>,
  { refreshSeconds }: FeatureCapsOptions = {},
): readonly string[] {
  const services = new Set([...configured].flatMap((provider) => PUSH_SERVICES[provider]));
  const refresh =
    refreshSeconds !== undefined && refreshSeconds > 120 ? `;+sip.pnsreg="${Math.ceil(refreshSeconds)}"` : "";
  return [...services].map((service) => `*;+sip.pns="${service}"${refresh}`);
}
