import { findProviderModule } from "../providers/providers.ts";

/** Returns the company's name, which people know better than the name of its service. */
export function nameProvider(provider: string): string {
  return findProviderModule(provider)?.vendor.name ?? provider;
}
