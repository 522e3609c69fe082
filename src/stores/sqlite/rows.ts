import type { Environment, ProviderName, TokenKind } from "../../push/device.ts";
import type { PushPreferences } from "../../push/preferences.ts";
import type { AttemptRecord } from "../../push/attempt-records.ts";
import type { Delivery, DeliveryState, Push, PushRequest, PushState } from "../../push/push.ts";
import { compact } from "../../push/compact.ts";

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
  return compact({
    id: row.id,
    request: JSON.parse(row.request) as PushRequest,
    acceptedAt: row.accepted_at,
    deadline: row.deadline,
    state: row.state,
    endedAt: row.ended_at === null ? undefined : row.ended_at,
    reason: row.reason === null ? undefined : row.reason,
    preferences: row.preferences === null ? undefined : (JSON.parse(row.preferences) as PushPreferences),
    ...readReplayed(row),
    deliveries,
  });
}

function readReplayed({ replayed_as: as, replayed_at: at }: PushRow): Pick<Push, "replayed"> {
  return as === null || at === null ? {} : { replayed: { as, at } };
}

export function readDelivery(row: DeliveryRow): Delivery {
  return compact({
    deviceId: row.device_id,
    provider: row.provider,
    tokenKind: row.token_kind,
    token: row.token,
    environment: row.environment,
    app: row.app === null ? undefined : row.app,
    state: row.state,
    attempts: row.attempts,
    reason: row.reason === null ? undefined : row.reason,
    providerMessageId: row.provider_message_id === null ? undefined : row.provider_message_id,
    notBefore: row.not_before === null ? undefined : row.not_before,
    tries: row.tries === null ? undefined : (JSON.parse(row.tries) as AttemptRecord[]),
  });
}
