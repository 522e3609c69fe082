import type { Clock } from "../../gateway/clock.ts";
import type { Environment } from "../../push/device.ts";
import type { Outcome } from "../../push/outcome.ts";
import { sendProbe } from "../probe-push.ts";
import { ProviderTokens } from "./provider-token.ts";
import { createApnsProvider, type ApnsApp } from "./provider.ts";

/** A token that no phone has, because Apple's tokens are random bytes. */
const NOBODYS_TOKEN = "0".repeat(64);

/** Apple's service to ask, and the credentials to use. */
export interface ApnsProbe {
  readonly environment: Environment;
  /** `voip`: the credentials for calls, if they are separate. */
  readonly tokenKind: "remote" | "voip";
}

/** Returns Apple's answer to an app's credentials, from a push that reaches nobody. */
export async function probeApns(
  app: ApnsApp,
  { environment, tokenKind }: ApnsProbe,
  clock: Clock,
  signal: AbortSignal,
): Promise<Outcome> {
  // Only one service, because a refused token would be tried in the other one, too.
  const origin = app.origins[environment];
  const alone = { ...app, origins: { production: origin, sandbox: origin } };
  await using provider = createApnsProvider(alone, { name: "check", clock, tokens: new ProviderTokens(clock) });
  return await sendProbe(provider, { provider: "apns", tokenKind, token: NOBODYS_TOKEN, environment }, clock, signal);
}
