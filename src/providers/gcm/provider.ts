import type { Clock } from "../../gateway/clock.ts";
import { buildInTurn, type PushProvider } from "../../gateway/push-provider.ts";
import type { PayloadProfile } from "../../push/payload-profile.ts";
import { readFailure } from "../channel/failure.ts";
import { openGoogleChannel, type GoogleRoute } from "../google/channel.ts";
import type { PriorityByKind } from "../google/priority.ts";
import { readOutcome } from "./outcome.ts";
import { buildRequest } from "./request.ts";

export interface GcmApp extends GoogleRoute {
  /** The server key; there are no other credentials. */
  readonly key: string;
  readonly endpoint: string;
  readonly priority: PriorityByKind;
  /** `standard` by default. */
  readonly payloadProfile?: PayloadProfile;
}

/** `name` is whose app it is: `PushProvider.app`. */
export interface GcmProviderDeps {
  readonly name: string;
  readonly clock: Clock;
}

/** Google's API for server keys, for those who run a server that still speaks it: Google's own was switched off in 2024. */
export function createGcmProvider(app: GcmApp, { name, clock }: GcmProviderDeps): PushProvider {
  const { origin, pathname: path } = new URL(app.endpoint);
  const channel = openGoogleChannel(origin, app, clock);

  return {
    app: name,
    async send(attempt, signal) {
      const { key, priority, payloadProfile } = app;
      try {
        const request = await buildInTurn(attempt, () =>
          buildRequest(attempt, { path, key, priority, payloadProfile, now: clock() }),
        );
        const response = await channel.request(request, signal);
        return readOutcome(response, clock()).outcome;
      } catch (error) {
        return readFailure(error);
      }
    },
    [Symbol.asyncDispose]: () => channel[Symbol.asyncDispose](),
  };
}
