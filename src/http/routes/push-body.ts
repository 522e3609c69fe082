import { Type, type Static } from "typebox";
import { shortenToken } from "../../push/device.ts";
import type { Delivery, Push } from "../../push/push.ts";
import type { AttemptRecord } from "../../push/attempt-records.ts";
import { compact } from "../../push/compact.ts";

const AttemptBody = Type.Object({
  at: Type.String(),
  took_ms: Type.Integer(),
  /** `held`: throttled, the provider was not asked. */
  outcome: Type.String(),
  reason: Type.Optional(Type.String()),
  /** If throttled: the provider's reason that other pushes of the app met. */
  cause: Type.Optional(Type.String()),
});

const DeliveryBody = Type.Object({
  device: Type.String(),
  provider: Type.String(),
  environment: Type.String(),
  app: Type.Optional(Type.String()),
  token_kind: Type.String(),
  /** Shortened. */
  token: Type.String(),
  state: Type.String(),
  attempts: Type.Integer(),
  reason: Type.Optional(Type.String()),
  provider_message_id: Type.Optional(Type.String()),
  /** Finished attempts and throttled periods. Of a long list, the first and the newest. */
  tries: Type.Optional(Type.Array(AttemptBody)),
});

/** Preferences of the callee and his domain at the time of acceptance. */
const PreferencesInForce = Type.Object({
  mobile_push_enable: Type.Optional(Type.String()),
  mobile_push_expiry: Type.Optional(Type.Integer()),
});

/** A push as the API shows it: its state, without its content. */
export const PushBody = Type.Object({
  id: Type.String(),
  kind: Type.String(),
  callee: Type.String(),
  caller: Type.Optional(Type.String()),
  call_id: Type.Optional(Type.String()),
  push_id: Type.Optional(Type.String()),
  silent: Type.Boolean(),
  state: Type.String(),
  reason: Type.Optional(Type.String()),
  accepted_at: Type.String(),
  deadline: Type.String(),
  ended_at: Type.Optional(Type.String()),
  preferences: Type.Optional(PreferencesInForce),
  /** Id of the push that this one replays. */
  replay_of: Type.Optional(Type.String()),
  /** Id of the push that replayed this one, and when. */
  replayed_as: Type.Optional(Type.String()),
  replayed_at: Type.Optional(Type.String()),
  deliveries: Type.Array(DeliveryBody),
});

export function buildPushBody(push: Push): Static<typeof PushBody> {
  const { id, request, state, reason, acceptedAt, deadline, endedAt, preferences, replayed, deliveries } = push;
  const { kind, callee, caller, callId, pushId, silent, replayOf } = request;
  return compact({
    id,
    kind,
    callee,
    caller,
    call_id: callId,
    push_id: pushId,
    silent,
    state,
    reason,
    accepted_at: new Date(acceptedAt).toISOString(),
    deadline: new Date(deadline).toISOString(),
    ended_at: endedAt === undefined ? undefined : new Date(endedAt).toISOString(),
    preferences,
    replay_of: replayOf,
    ...(replayed === undefined ? {} : { replayed_as: replayed.as, replayed_at: new Date(replayed.at).toISOString() }),
    deliveries: deliveries.map(buildDeliveryBody),
  });
}

function buildDeliveryBody(delivery: Delivery): Static<typeof DeliveryBody> {
  const { deviceId, provider, environment, app, tokenKind, token, state, attempts, reason, tries } = delivery;
  const messageId = delivery.providerMessageId;
  return compact({
    device: deviceId,
    provider,
    environment,
    app,
    token_kind: tokenKind,
    token: shortenToken(token),
    state,
    attempts,
    reason,
    provider_message_id: messageId,
    tries: tries === undefined ? undefined : tries.map(buildAttemptBody),
  });
}

function buildAttemptBody({ at, tookMs, outcome, reason, cause }: AttemptRecord): Static<typeof AttemptBody> {
  return compact({
    at: new Date(at).toISOString(),
    took_ms: tookMs,
    outcome,
    reason,
    cause,
  });
}
