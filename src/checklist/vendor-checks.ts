import type { Check } from "../checks/check.ts";
import { createVendorCheck } from "../checks/vendor.ts";
import type { Clock } from "../gateway/clock.ts";
import { explainReason } from "../providers/explain-reason.ts";
import { listApps, PROVIDERS, VENDORS, type AppOfModule, type ConfiguredApps } from "../providers/providers.ts";
import type { Finding } from "../push/finding.ts";

interface OwnedApp extends AppOfModule {
  /** Such as `global/apns`. */
  readonly name: string;
}

/** Apps of all domains. */
interface AppsByOwner {
  readonly apps: ConfiguredApps;
  readonly domains: readonly { readonly domain: string; readonly apps: ConfiguredApps }[];
}

/** Returns one check for each vendor, with all apps of its push services, by service and then by domain. */
export function buildVendorChecks(config: AppsByOwner, clock: Clock): Check[] {
  const apps = listOwnedApps(config);
  const names = new Set(apps.map(({ module }) => module.name));
  const checkApp =
    ({ module, app, name }: OwnedApp) =>
    (signal: AbortSignal): Promise<readonly Finding[]> => {
      const hasSubstitute = module.substitutes.some((substitute) => names.has(substitute));
      return module.checkApp(app, { name, clock, signal, explainReason, hasSubstitute });
    };
  return VENDORS.map((vendor) =>
    createVendorCheck({
      vendor: vendor.name,
      apps: apps.filter(({ module }) => module.vendor === vendor).map(checkApp),
    }),
  );
}

function listOwnedApps({ apps, domains }: AppsByOwner): OwnedApp[] {
  const owners = [{ owner: "global", apps }, ...domains.map(({ domain, apps: own }) => ({ owner: domain, apps: own }))];
  const all = owners.flatMap(({ owner, apps: its }) =>
    listApps(its).map((one) => ({ ...one, name: `${owner}/${one.module.name}` })),
  );
  return PROVIDERS.flatMap((module) => all.filter((one) => one.module === module));
}
