import type { CallEvent, CallState } from "../../push/call.ts";
import type { PushPreferences } from "../../push/preferences.ts";
import type { Try } from "../../push/tries.ts";
import type { DeliveryReport, PushReport } from "../follow-push.ts";

/** What GET /v1/traces/{ref} answers. Instants are ISO 8601. */
export interface TraceReport {
  /** The newest first. */
  readonly calls: readonly TracedCall[];
  /** Of what is no call. */
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
