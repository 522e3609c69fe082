import type { Environment, ProviderName, TokenKind } from "../../push/device.ts";
import type { PushPreferences } from "../../push/preferences.ts";
import type { AttemptRecord } from "../../push/attempt-records.ts";
import type { Delivery, DeliveryState, Push, PushRequest, PushState } from "../../push/push.ts";

/** Columns of `pushes` that make up a Push. */
export const PUSH_COLUMNS =
  "id, request, state, reason, accepted_at, deadline, ended_at, preferences, replayed_as, replayed_at";

export interface PushRow {
  readonly id: string;
  readonly request: string;
  readonly state: PushState;
  readonly reason: string | null;
  readonly accepted_at: number;
  readonly deadline: number;
  readonly ended_at: number | null;
  readonly preferences: string | null;
  readonly replayed_as: string | null;
  readonly replayed_at: number | null;
}

/** Columns of `deliveries` that make up a Delivery. */
export const DELIVERY_COLUMNS =
  "device_id, provider, token_kind, token, environment, app, state, attempts, reason, provider_message_id, not_before, tries";

export interface DeliveryRow {
  readonly device_id: string;
  readonly provider: ProviderName;
  readonly token_kind: TokenKind;
  readonly token: string;
  readonly environment: Environment;
  readonly app: string | null;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly reason: string | null;
  readonly provider_message_id: string | null;
  readonly not_before: number | null;
  readonly tries: string | null;
}

export function readPush(row: PushRow, deliveries: readonly Delivery[]): Push {
  return {
    id: row.id,
    request: JSON.parse(row.request) as PushRequest,
    acceptedAt: row.accepted_at,
    deadline: row.deadline,
    state: row.state,
    ...(row.ended_at === null ? {} : { endedAt: row.ended_at }),
    ...(row.reason === null ? {} : { reason: row.reason }),
    ...(row.preferences === null ? {} : { preferences: JSON.parse(row.preferences) as PushPreferences }),
    ...readReplayed(row),
    deliveries,
  };
}

function readReplayed({ replayed_as: as, replayed_at: at }: PushRow): Pick<Push, "replayed"> {
  return as === null || at === null ? {} : { replayed: { as, at } };
}

export function readDelivery(row: DeliveryRow): Delivery {
  return {
    deviceId: row.device_id,
    provider: row.provider,
    tokenKind: row.token_kind,
    token: row.token,
    environment: row.environment,
    ...(row.app === null ? {} : { app: row.app }),
    state: row.state,
    attempts: row.attempts,
    ...(row.reason === null ? {} : { reason: row.reason }),
    ...(row.provider_message_id === null ? {} : { providerMessageId: row.provider_message_id }),
    ...(row.not_before === null ? {} : { notBefore: row.not_before }),
    ...(row.tries === null ? {} : { tries: JSON.parse(row.tries) as AttemptRecord[] }),
  };
}
