import type { Clock } from "../../gateway/clock.ts";
import { buildInTurn, type PushProvider } from "../../gateway/push-provider.ts";
import type { OwnReason } from "../../push/explanations/gateway.ts";
import type { FcmReason } from "./explanations.ts";
import type { UnreachedReason } from "../../push/explanations/unreached.ts";
import type { Outcome } from "../../push/outcome.ts";
import type { PayloadProfile } from "../../push/payload-profile.ts";
import { readConnectReason } from "../channel/connect-reason.ts";
import { readFailure } from "../channel/failure.ts";
import { openGoogleChannel, type GoogleRoute } from "../google/channel.ts";
import type { PriorityByKind } from "../google/priority.ts";
import { RefusedTokenError, type AccessTokens } from "./access-token.ts";
import { BadServiceAccountError, type ServiceAccount } from "./credentials.ts";
import { readOutcome } from "./outcome.ts";
import { buildRequest } from "./request.ts";

export interface FcmApp extends GoogleRoute {
  readonly serviceAccount: ServiceAccount;
  /** `https://fcm.googleapis.com`, or a stand-in. */
  readonly origin: string;
  readonly tokenEndpoint: string;
  readonly priority: PriorityByKind;
  /** `standard` by default. */
  readonly payloadProfile?: PayloadProfile;
}

/** `name` is whose app it is: `PushProvider.app`. */
export interface FcmProviderDeps {
  readonly name: string;
  readonly clock: Clock;
  readonly tokens: AccessTokens;
  /** Google checks each message and sends none. */
  readonly validateOnly?: boolean;
}

export function createFcmProvider(
  app: FcmApp,
  { name, clock, tokens, validateOnly = false }: FcmProviderDeps,
): PushProvider {
  const channel = openGoogleChannel(app.origin, app, clock);
  const token = tokens.of(app);
  const { priority, payloadProfile } = app;
  const fixed = { projectId: app.serviceAccount.projectId, priority, payloadProfile, validateOnly };

  return {
    app: name,
    async send(attempt, signal): Promise<Outcome> {
      try {
        for (let isRepeat = false; ; isRepeat = true) {
          const accessToken = await abortable(token.read(), signal).catch(readTokenFailure);
          if (typeof accessToken !== "string") return accessToken;
          const request = await buildInTurn(attempt, () =>
            buildRequest(attempt, { ...fixed, accessToken, now: clock() }),
          );
          const { outcome, remedy } = readOutcome(await channel.request(request, signal), clock());
          if (remedy === "renew_token") token.expire(accessToken);
          else token.confirm(accessToken);
          if (remedy !== "renew_token" || isRepeat) return outcome;
        }
      } catch (error) {
        return readFailure(error);
      }
    },
    [Symbol.asyncDispose]: () => channel[Symbol.asyncDispose](),
  };
}

function readTokenFailure(error: unknown): Outcome {
  if (error instanceof BadServiceAccountError) return refuse("bad_service_account");
  if (error instanceof RefusedTokenError) return refuse("UNAUTHENTICATED");
  // A network fault concerns all of Google, not only its sign-in service.
  const reason = readConnectReason(error);
  const word: UnreachedReason | OwnReason = /^(?:proxy|tls)_/.test(reason) ? reason : "oauth_unavailable";
  return { kind: "deferred", reason: word };
}

function refuse(reason: OwnReason | FcmReason): Outcome {
  return { kind: "misconfigured", reason };
}

/** A fetch serves all who wait for it, and goes on when one of them gives up. */
function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  return Promise.race([promise, aborted]).finally(() => signal.removeEventListener("abort", abort));
}
