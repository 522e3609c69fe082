import type { CallEvent, CallState } from "../push/call.ts";
import type { PushPreferences } from "../push/preferences.ts";
import type { AttemptRecord } from "../push/attempt-records.ts";
import { isAppRefused } from "../providers/app-refused.ts";
import { isTerminal, type PushState } from "../push/push.ts";

/** State of one device, as GET /v1/pushes/{id} returns it. */
export interface DeliveryReport {
  readonly device: string;
  readonly provider: string;
  readonly environment: string;
  readonly token_kind: string;
  readonly state: PushState;
  readonly attempts: number;
  readonly reason?: string;
  readonly provider_message_id?: string;
}

export interface PushReport {
  readonly id: string;
  readonly kind: string;
  readonly callee: string;
  readonly state: PushState;
  readonly reason?: string;
  readonly deadline: string;
  /** Id of the push that this one replays. */
  readonly replay_of?: string;
  /** Id of the push that replayed this one, and when. */
  readonly replayed_as?: string;
  readonly replayed_at?: string;
  readonly deliveries: readonly DeliveryReport[];
}

/** A phone of the subscriber that cannot receive this kind of push, so no delivery reports it. */
export interface UndeliverableDevice {
  readonly device: string;
  readonly provider: string;
  readonly reason: "voip_token_only";
}

/** Body of GET /v1/traces/{ref}. Times are ISO 8601. */
export interface TraceReport {
  /** Newest first. */
  readonly calls: readonly TracedCall[];
  /** Pushes that do not belong to a call. */
  readonly pushes: readonly TracedPush[];
}

export interface TracedCall {
  readonly call_id: string;
  readonly callee: string;
  readonly caller?: string;
  readonly state: CallState;
  readonly reason?: string;
  readonly ringing: boolean;
  readonly asked_by: string;
  readonly started_at: string;
  readonly deadline: string;
  readonly ended_at?: string;
  readonly ended_by?: string;
  readonly history: readonly TracedEntry[];
  /** Pushes that rang. */
  readonly pushes: readonly TracedPush[];
  /** Pushes that told phones how the call had ended. */
  readonly end_pushes: readonly TracedPush[];
}

export interface TracedEntry {
  readonly at: string;
  readonly event: CallEvent["kind"];
  readonly device?: string;
  readonly detail?: string;
  readonly problem?: string;
  readonly late?: boolean;
}

export interface TracedPush extends PushReport {
  readonly caller?: string;
  readonly accepted_at: string;
  readonly ended_at?: string;
  readonly preferences?: PushPreferences;
  readonly deliveries: readonly TracedDelivery[];
}

export interface TracedDelivery extends DeliveryReport {
  readonly tries?: readonly TracedAttempt[];
}

export interface TracedAttempt extends Omit<AttemptRecord, "at" | "tookMs"> {
  readonly at: string;
  readonly took_ms: number;
}

/** Returns true if the push reached all of its phones. */
export function reachedAll({ state, deliveries }: PushReport): boolean {
  return state === "delivered" && deliveries.every((delivery) => delivery.state === "delivered");
}

/** Returns true if every open delivery waits for an operator: no further attempt helps before something is fixed. */
export function needsMending({ deliveries }: Pick<PushReport, "deliveries">): boolean {
  const open = deliveries.filter(({ state }) => !isTerminal(state));
  return open.length > 0 && open.every(({ reason }) => reason !== undefined && isAppRefused(reason));
}
