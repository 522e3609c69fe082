import { buildFeatureCaps } from "../dialects/feature-caps.ts";
import type { FindProvider } from "../gateway/push-provider.ts";
import type { PushServices } from "../http/http-deps.ts";
import { PROVIDERS } from "../push/device.ts";

/** What phones of a domain can be woken through; without a domain, those that have no apps of their own. */
export function listPushServices(findProvider: FindProvider, domain = ""): PushServices {
  const providers = PROVIDERS.filter((provider) => findProvider(domain, provider) !== undefined);
  return { providers, featureCaps: buildFeatureCaps(providers) };
}
