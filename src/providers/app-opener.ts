import type { GuardedProvider, PushProvider } from "../gateway/push-provider.ts";
import type { OwnReason } from "../push/explanations/gateway.ts";
import type { ConfiguredApp } from "./configured-apps.ts";
import type { OpenerDeps } from "./provider-module.ts";
import { PROVIDERS } from "./providers.ts";
import type { OpenApp } from "./running-apps.ts";

export interface AppOpenerDeps extends OpenerDeps {
  /** Wraps each app's provider, e.g. in its limits, and owns it from then on. */
  readonly guard: (provider: PushProvider) => GuardedProvider;
}

/** Opens apps. Parts that the apps of one provider share outlive them. */
export interface AppOpener extends Disposable {
  open(app: ConfiguredApp): OpenApp;
}

export function createAppOpener({ guard, ...deps }: AppOpenerDeps): AppOpener {
  const openers = new Map(PROVIDERS.map((module) => [module.name, module.createOpener(deps)]));
  return {
    open({ name, provider, app }) {
      const opener = openers.get(provider);
      if (app === undefined || opener === undefined) {
        return { provider: createOutOfOrder(name), leave: () => undefined };
      }
      const opened = opener.open(name, app);
      return { provider: guard(opened.provider), leave: () => opened.leave() };
    },
    [Symbol.dispose]() {
      for (const opener of openers.values()) opener[Symbol.dispose]();
    },
  };
}

/** Stands in for an app whose credentials cannot be used: its pushes wait until they can, or until their deadline. */
function createOutOfOrder(name: string): PushProvider {
  return {
    app: name,
    send: async () => ({ kind: "deferred", reason: "credentials_unusable" satisfies OwnReason }),
    async [Symbol.asyncDispose]() {},
  };
}
