import type { Opener, OpenerDeps } from "../provider-module.ts";
import { AccessTokens } from "./access-token.ts";
import { createFcmProvider, type FcmApp } from "./provider.ts";

/** Apps with the same service account share its access token. */
export function createOpener({ clock, sleep, alarms }: OpenerDeps): Opener<FcmApp> {
  const tokens = new AccessTokens({ clock, sleep });
  return {
    open: (name, app) => ({
      provider: createFcmProvider(app, { name, clock, tokens }),
      leave: tokens.of(app).watch((trouble) => {
        if (trouble === undefined) alarms.clear("token_endpoint", name);
        else alarms.raise("token_endpoint", name, trouble);
      }),
    }),
    [Symbol.dispose]: () => tokens[Symbol.dispose](),
  };
}
