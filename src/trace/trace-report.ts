import type { CallEvent, CallState } from "../push/call.ts";
import type { PushPreferences } from "../push/preferences.ts";
import type { Try } from "../push/tries.ts";
import type { PushState } from "../push/push.ts";

/** How one device fared, as GET /v1/pushes/{id} tells it. */
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
  /** The push that this one sends again. */
  readonly replay_of?: string;
  /** The push that sent this one again, and when. */
  readonly replayed_as?: string;
  readonly replayed_at?: string;
  readonly deliveries: readonly DeliveryReport[];
}

/** The body of GET /v1/traces/{ref}. Instants are ISO 8601. */
export interface TraceReport {
  /** The newest first. */
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
  /** That rang. */
  readonly pushes: readonly TracedPush[];
  /** That told phones how the call had ended. */
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
  readonly tries?: readonly TracedTry[];
}

export interface TracedTry extends Omit<Try, "at" | "tookMs"> {
  readonly at: string;
  readonly took_ms: number;
}

/** Whether the push woke everything that it was for. */
export function reachedAll({ state, deliveries }: PushReport): boolean {
  return state === "delivered" && deliveries.every((delivery) => delivery.state === "delivered");
}
