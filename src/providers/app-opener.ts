import type { Alarms } from "../gateway/alarms.ts";
import type { Clock } from "../gateway/clock.ts";
import type { GuardedProvider, PushProvider } from "../gateway/push-provider.ts";
import type { Sleep } from "../gateway/sleep.ts";
import type { OwnReason } from "../push/explanations/gateway.ts";
import { ProviderTokens } from "./apns/provider-token.ts";
import { createApnsProvider } from "./apns/provider.ts";
import type { ConfiguredApp } from "./configured-apps.ts";
import { AccessTokens } from "./fcm/access-token.ts";
import { createFcmProvider, type FcmApp } from "./fcm/provider.ts";
import { createGcmProvider } from "./gcm/provider.ts";
import type { OpenApp } from "./running-apps.ts";

export interface AppOpenerDeps {
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly alarms: Pick<Alarms, "raise" | "clear">;
  /** What is put around each app's provider, e.g. its limits; it owns the provider then. */
  readonly guard: (provider: PushProvider) => GuardedProvider;
}

/** Opens apps. Tokens belong to it: apps with the same credentials share them, and they outlive the apps. */
export interface AppOpener extends Disposable {
  open(app: ConfiguredApp): OpenApp;
}

export function createAppOpener({ clock, sleep, alarms, guard }: AppOpenerDeps): AppOpener {
  const providerTokens = new ProviderTokens(clock);
  const accessTokens = new AccessTokens({ clock, sleep });

  const create = ({ name, ...configured }: ConfiguredApp): GuardedProvider => {
    if (configured.app === undefined) return createOutOfOrder(name);
    switch (configured.provider) {
      case "apns":
        return guard(createApnsProvider(configured.app, { name, clock, tokens: providerTokens }));
      case "fcm":
        return guard(createFcmProvider(configured.app, { name, clock, tokens: accessTokens }));
      case "gcm":
        return guard(createGcmProvider(configured.app, { name, clock }));
    }
  };
  const watchToken = (name: string, app: FcmApp): (() => void) =>
    accessTokens.of(app).watch((trouble) => {
      if (trouble === undefined) alarms.clear("token_endpoint", name);
      else alarms.raise("token_endpoint", name, trouble);
    });
  return {
    open(app) {
      const leave = app.provider === "fcm" && app.app !== undefined ? watchToken(app.name, app.app) : () => undefined;
      return { provider: create(app), leave };
    },
    [Symbol.dispose]: () => accessTokens[Symbol.dispose](),
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
