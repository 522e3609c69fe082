import type { Clock } from "../../gateway/clock.ts";
import { sleep } from "../../gateway/sleep.ts";
import type { Outcome } from "../../push/outcome.ts";
import { sendProbe } from "../probe-push.ts";
import { AccessTokens } from "./access-token.ts";
import { createFcmProvider, type FcmApp } from "./provider.ts";

const NOBODYS_TOKEN = "sip-pushd-check:APA91b-this-token-belongs-to-no-phone-0000000000000000000000000000000000";

/** Returns Google's answer to a service account and its project, from a message that is validated but not sent. */
export async function probeFcm(app: FcmApp, clock: Clock, signal: AbortSignal): Promise<Outcome> {
  using tokens = new AccessTokens({ clock, sleep });
  await using provider = createFcmProvider(app, { name: "check", clock, tokens, validateOnly: true });
  const target = { provider: "fcm", tokenKind: "registration", token: NOBODYS_TOKEN } as const;
  return await sendProbe(provider, { ...target, environment: "production" }, clock, signal);
}
