const PROVIDER_NAMES: Readonly<Record<string, string>> = { apns: "Apple", fcm: "Google", gcm: "Google" };

/** Returns the company's name, which people know better than the name of its service. */
export function nameProvider(provider: string): string {
  return PROVIDER_NAMES[provider] ?? provider;
}
