import type { ProviderName } from "../push/device.ts";
import type { Vendor } from "../push/vendor.ts";
import type { Opener, OpenerDeps, ProviderModule } from "./provider-module.ts";
import { REGISTERED } from "./registry.ts";

type Registered = (typeof REGISTERED)[number];
type AppOf<Module> = Module extends { createOpener(deps: OpenerDeps): Opener<infer App> } ? App : never;

/** Apps by the name of their provider. */
export type Apps = { readonly [Module in Registered as Module["name"]]?: AppOf<Module> };

type ConfiguredAppOf<Module> = Module extends { describeApp(app: infer App): unknown } ? App : never;

/** Apps as the configuration describes them, by the name of their provider. */
export type ConfiguredApps = { readonly [Module in Registered as Module["name"]]?: ConfiguredAppOf<Module> };

export const PROVIDERS: readonly ProviderModule[] = REGISTERED;

export const PROVIDER_NAMES: readonly ProviderName[] = PROVIDERS.map(({ name }) => name);

/** Companies that run the push services, each one once. */
export const VENDORS: readonly Vendor[] = [...new Set(PROVIDERS.map(({ vendor }) => vendor))];

/** An app with the module of its provider. */
export interface AppOfModule {
  readonly module: ProviderModule;
  readonly app: object;
}

/** Returns the apps that are configured, in the order of the registry. */
export function listApps(apps: ConfiguredApps): readonly AppOfModule[] {
  return PROVIDERS.flatMap((module) => {
    const app: object | undefined = Reflect.get(apps, module.name);
    return app === undefined ? [] : [{ module, app }];
  });
}

/** Returns undefined for a name that no provider has. */
export function findProviderModule(name: string): ProviderModule | undefined {
  return PROVIDERS.find((module) => module.name === name);
}

/** Returns the company's name, which people know better than the name of its service. */
export function nameProvider(provider: string): string {
  return findProviderModule(provider)?.vendor.name ?? provider;
}
