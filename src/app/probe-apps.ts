import { randomUUID } from "node:crypto";
import type { ApnsAppConfig, FcmAppConfig } from "../config/config.ts";
import type { Clock } from "../gateway/clock.ts";
import type { Attempt, PushProvider } from "../gateway/push-provider.ts";
import { sleep } from "../gateway/sleep.ts";
import { buildAor } from "../push/address.ts";
import type { Environment } from "../push/device.ts";
import type { Outcome } from "../push/outcome.ts";
import type { Target } from "../push/push.ts";
import { ProviderTokens } from "../providers/apns/provider-token.ts";
import { createApnsProvider } from "../providers/apns/provider.ts";
import { AccessTokens } from "../providers/fcm/access-token.ts";
import { createFcmProvider } from "../providers/fcm/provider.ts";

/** A token that no phone has, because Apple's tokens are random bytes. */
const NOBODYS_APNS_TOKEN = "0".repeat(64);
const NOBODYS_FCM_TOKEN = "sip-pushd-check:APA91b-this-token-belongs-to-no-phone-0000000000000000000000000000000000";

/** Apple's service to ask, and the credentials to use. */
export interface ApnsProbe {
  readonly environment: Environment;
  /** `voip`: the credentials for calls, if they are separate. */
  readonly tokenKind: "remote" | "voip";
}

/** Returns Apple's answer to an app's credentials, from a push that reaches nobody. */
export async function probeApns(
  app: ApnsAppConfig,
  { environment, tokenKind }: ApnsProbe,
  clock: Clock,
  signal: AbortSignal,
): Promise<Outcome> {
  // Only one service, because a refused token would be tried in the other one, too.
  const origin = app.origins[environment];
  const alone = { ...app, origins: { production: origin, sandbox: origin } };
  await using provider = createApnsProvider(alone, { name: "check", clock, tokens: new ProviderTokens(clock) });
  return await send(provider, { provider: "apns", tokenKind, token: NOBODYS_APNS_TOKEN, environment }, clock, signal);
}

/** Returns Google's answer to a service account and its project, from a message that is validated but not sent. */
export async function probeFcm(app: FcmAppConfig, clock: Clock, signal: AbortSignal): Promise<Outcome> {
  using tokens = new AccessTokens({ clock, sleep });
  await using provider = createFcmProvider(app, { name: "check", clock, tokens, validateOnly: true });
  const target = { provider: "fcm", tokenKind: "registration", token: NOBODYS_FCM_TOKEN } as const;
  return await send(provider, { ...target, environment: "production" }, clock, signal);
}

const DEADLINE_MS = 30_000;

function send(
  provider: PushProvider,
  target: Omit<Target, "deviceId">,
  clock: Clock,
  signal: AbortSignal,
): Promise<Outcome> {
  const now = clock();
  const kind = target.tokenKind === "voip" ? ("call" as const) : ("message" as const);
  const request = { kind, callee: buildAor("nobody", "invalid"), silent: false, data: {}, aps: { alert: "check" } };
  const push = { id: randomUUID(), request, acceptedAt: now, deadline: now + DEADLINE_MS };
  const attempt: Attempt = { push, target: { ...target, deviceId: "check" } };
  return provider.send(attempt, signal);
}
