import type { Aor } from "../push/address.ts";

/** A wake before the SIP binding of a phone expires. A phone has at most one. */
export interface Wake {
  readonly subscriber: Aor;
  readonly deviceId: string;
}

export interface NewWake extends Wake {
  /** Delay from now, by the store's clock. */
  readonly afterMs: number;
}

export interface TakenWake extends Wake {
  /** How long it has been due. */
  readonly lateMs: number;
  /** When it is due again unless it is finished, in epoch milliseconds of the store's clock. */
  readonly againAt: number;
}

export interface TakeWakes {
  readonly limit: number;
  /** A gateway may die before it has finished a wake, which is then due again after this time. */
  readonly againMs: number;
}

/**
 * Planned wakes of all gateways on the store. Each operation is atomic. A rejection means that it may or may not have
 * been done.
 */
export interface WakeBook {
  /** Replaces the phone's planned wake. */
  plan(wake: NewWake): Promise<void>;
  /** Removes the phone's planned wake. */
  cancel(wake: Wake): Promise<void>;
  /** Takes wakes that are due, those due longest first. No other gateway gets them before `againMs` is over. */
  takeDue(request: TakeWakes): Promise<readonly TakenWake[]>;
  /** Removes the wake, unless it was planned again since it was taken. */
  finish(taken: TakenWake): Promise<void>;
}
