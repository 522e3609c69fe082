import type { ProviderName } from "../push/device.ts";
import type { Opener, OpenerDeps, ProviderModule } from "./provider-module.ts";
import { REGISTERED } from "./registry.ts";

type Registered = (typeof REGISTERED)[number];
type AppOf<Module> = Module extends { createOpener(deps: OpenerDeps): Opener<infer App> } ? App : never;

/** Apps by the name of their provider. */
export type Apps = { readonly [Module in Registered as Module["name"]]?: AppOf<Module> };

export const PROVIDERS: readonly ProviderModule[] = REGISTERED;

export const PROVIDER_NAMES: readonly ProviderName[] = PROVIDERS.map(({ name }) => name);

/** Returns undefined for a name that no provider has. */
export function findProviderModule(name: string): ProviderModule | undefined {
  return PROVIDERS.find((module) => module.name === name);
}
