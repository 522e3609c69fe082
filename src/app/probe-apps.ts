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

/** No phone has it: Apple makes its tokens of random bytes. */
const NOBODYS_APNS_TOKEN = "0".repeat(64);
const NOBODYS_FCM_TOKEN = "sip-pushd-check:APA91b-this-token-belongs-to-no-phone-0000000000000000000000000000000000";

/** Which of Apple's services is asked, and for which of an app's credentials. */
export interface ApnsProbe {
  readonly environment: Environment;
  /** `voip`: those for calls, where they are separate. */
  readonly tokenKind: "remote" | "voip";
}

/** What Apple says to an app's credentials, by a push that reaches nobody. */
export async function probeApns(
  app: ApnsAppConfig,
  { environment, tokenKind }: ApnsProbe,
  clock: Clock,
  signal: AbortSignal,
): Promise<Outcome> {
  // One service alone: else a refused token would be asked about in the other one, too.
  const origin = app.origins[environment];
  const alone = { ...app, origins: { production: origin, sandbox: origin } };
  await using provider = createApnsProvider(alone, { name: "check", clock, tokens: new ProviderTokens(clock) });
  return await send(provider, { provider: "apns", tokenKind, token: NOBODYS_APNS_TOKEN, environment }, clock, signal);
}

/** What Google says to a service account and its project, by a message that is checked and not sent. */
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
