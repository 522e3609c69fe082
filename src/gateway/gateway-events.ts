import type { Aor } from "../push/address.ts";
import type { Call, CallEvent } from "../push/call.ts";
import type { Device } from "../push/device.ts";
import type { HoldReason } from "../push/held.ts";
import type { Outcome } from "../push/outcome.ts";
import type { DeliveryState, Push, PushKind, PushRequest, TerminalState, Target } from "../push/push.ts";
import type { Alarm } from "./alarm.ts";
import type { ContactProblem } from "./contact-reading.ts";
import type { RegisterResult } from "./device-store.ts";
import type { FullBound } from "./push-store.ts";

export interface AttemptedEvent {
  readonly pushId: string;
  readonly kind: PushKind;
  readonly target: Target;
  /** 1 for the first. */
  readonly attempt: number;
  readonly outcome: Outcome;
  readonly durationMs: number;
  /** From the acceptance of the push to this outcome. */
  readonly sinceAcceptedMs: number;
  /** Where another attempt follows: in how many milliseconds. */
  readonly retryInMs?: number;
}

export interface DeliveryEndedEvent {
  readonly pushId: string;
  readonly kind: PushKind;
  readonly target: Target;
  readonly state: DeliveryState;
  readonly reason?: string;
}

export interface RefusedEvent {
  /** Which door the request came through, e.g. `sipwise` or `v1`. */
  readonly dialect: string;
  readonly code: string;
  readonly field?: string;
  /** What is wrong, in words. */
  readonly detail: string;
  /** What the operator can mend, where we recognise the sender. */
  readonly hint?: string;
  /** For `queue_full`: what is full. */
  readonly bound?: FullBound;
  readonly remoteAddress?: string;
}

/** What became of a launch link that somebody opened. */
export const LAUNCH_OUTCOMES = ["redirected", "shown", "refused", "limited"] as const;
export type LaunchOutcome = (typeof LAUNCH_OUTCOMES)[number];

/** How far somebody came who signs up. `refused`: no person, or no form of ours. */
export const SIGN_UP_STEPS = ["code_sent", "wrong_code", "completed", "limited", "refused", "failed"] as const;
export type SignUpStep = (typeof SIGN_UP_STEPS)[number];

/** Every business event, one method each. Its one implementation writes the log line and moves the metric, together. */
export interface GatewayEvents {
  accepted(push: Push, dialect: string): void;
  repeated(pushId: string, request: PushRequest, dialect: string): void;
  suppressed(pushId: string | undefined, request: PushRequest, reason: string, dialect: string): void;
  refused(event: RefusedEvent): void;
  /** Data of an accepted push has names that Google keeps for itself: it goes to all phones under others. */
  dataRenamed(pushId: string, names: readonly string[], dialect: string): void;
  /** So many requests were refused within the last second because the gateway had more to do than it could. */
  shed(requests: number): void;
  attempted(event: AttemptedEvent): void;
  /** Our own limits kept an attempt back for a moment: the budget for retries, a pause of the app, or too many under way. */
  attemptHeld(target: Target, why: HoldReason): void;
  deliveryEnded(event: DeliveryEndedEvent): void;
  ended(push: Pick<Push, "id" | "request" | "acceptedAt">, state: TerminalState, at: number): void;
  /** A phone has come for a call (again), or the call has ended. */
  callChanged(call: Call, event: CallEvent, at: number): void;
  leaseLost(pushId: string): void;
  /** A push that was worked on is no longer in the store, which has lost it: what became of it is on no record. */
  lostByStore(pushId: string): void;
  /** A result for a delivery that had ended: a bug of ours. It was not written. */
  illegalTransition(pushId: string, from: DeliveryState, to: DeliveryState): void;
  deviceRegistered(device: Device, result: RegisterResult): void;
  deviceUnregistered(subscriber: Aor, deviceId: string): void;
  /** A contact of a relayed REGISTER cannot be used. */
  contactNotLearned(subscriber: Aor, problem: ContactProblem): void;
  devicePruned(device: Device, target: Target, reason: string): void;
  /** The provider calls the token dead, and so many others with it that it is not believed. */
  tokenKept(target: Target, reason: string): void;
  /** The provider has given the phone another token. */
  tokenReplaced(device: Device, target: Target): void;
  /** Apple knows the token in the other environment than the app had named: the device has been corrected. */
  environmentLearned(device: Device, target: Target): void;
  preferencesChanged(whose: string, keys: readonly string[]): void;
  /** Somebody signs up for an account; `error` is why it failed. Who it is stands in no log. */
  signUp(step: SignUpStep, error?: unknown): void;
  /** Somebody opened a launch link. */
  launchAnswered(outcome: LaunchOutcome, remoteAddress: string): void;
  /** A new configuration is in force; `restart` names what of it needs a new start of the process. */
  configReloaded(restart: readonly string[]): void;
  /** Credentials were taken up from files that have changed; `warnings` are about what they hold, and new. */
  credentialsRenewed(files: readonly string[], warnings: readonly string[]): void;
  /** A new configuration cannot be used; the old one stays in force. */
  configRefused(why: string): void;
  /** Something needs an operator, though the gateway goes on. Reported when it begins, and once a day while it stands. */
  alarmRaised(alarm: Alarm): void;
  alarmCleared(alarm: Alarm): void;
  /** So many pushes would have waited longer than any pause lasts, because the store's clock was set back. */
  oversleepersWoken(count: number): void;
  /** The store did not do its work; what was asked of it is in `what`. */
  storeFailed(what: string, error: unknown): void;
  /** A bug of ours, caught where it could be contained. */
  unexpected(what: string, error: unknown): void;
}
