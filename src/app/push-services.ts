import { buildFeatureCaps } from "../dialects/feature-caps.ts";
import type { FindProvider } from "../gateway/push-provider.ts";
import type { PushServices } from "../http/http-deps.ts";
import { PROVIDERS } from "../push/device.ts";

/** Lists the push services for phones of a domain, or, without a domain, of domains without their own apps. */
export function listPushServices(findProvider: FindProvider, domain = ""): PushServices {
  const providers = PROVIDERS.filter((provider) => findProvider(domain, provider) !== undefined);
  return { providers, featureCaps: buildFeatureCaps(providers) };
}
