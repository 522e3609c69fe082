import type { Opener, OpenerDeps } from "../provider-module.ts";
import { ProviderTokens } from "./provider-token.ts";
import { createApnsProvider, type ApnsApp } from "./provider.ts";

/** Apps with the same key share its provider token. */
export function createOpener({ clock }: Pick<OpenerDeps, "clock">): Opener<ApnsApp> {
  const tokens = new ProviderTokens(clock);
  return {
    open: (name, app) => ({ provider: createApnsProvider(app, { name, clock, tokens }), leave: () => undefined }),
    [Symbol.dispose]: () => undefined,
  };
}
