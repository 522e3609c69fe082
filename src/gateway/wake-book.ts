import type { Aor } from "../push/address.ts";

/** A phone that is to be woken before its SIP binding expires. A phone has one at most. */
export interface Wake {
  readonly subscriber: Aor;
  readonly deviceId: string;
}

export interface NewWake extends Wake {
  /** From now on, by the store's clock. */
  readonly afterMs: number;
}

export interface TakenWake extends Wake {
  /** How long it has been due. */
  readonly lateMs: number;
  /** When it falls due again if nobody finishes it, epoch milliseconds by the store's clock. */
  readonly againAt: number;
}

export interface TakeWakes {
  readonly limit: number;
  /** Who takes a wake may die before it is done: so long after it was taken it falls due again. */
  readonly againMs: number;
}

/** What is planned for whom, on all gateways of the store. Each is one step, and a rejection means that it may or may not have happened. */
export interface WakeBook {
  /** In the place of what was planned for the same phone. */
  plan(wake: NewWake): Promise<void>;
  /** Nothing is planned for the phone any more. */
  cancel(wake: Wake): Promise<void>;
  /** Those that are due, the longest due first; nobody else gets them before `againMs`. */
  takeDue(request: TakeWakes): Promise<readonly TakenWake[]>;
  /** Takes it off, unless it was planned anew since it was taken. */
  finish(taken: TakenWake): Promise<void>;
}
