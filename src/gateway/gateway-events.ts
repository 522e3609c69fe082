import type { Aor } from "../push/address.ts";
import type { Call, CallEvent } from "../push/call.ts";
import type { Device } from "../push/device.ts";
import type { ThrottleReason } from "../push/throttled.ts";
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
  /** 1 for the first attempt. */
  readonly attempt: number;
  readonly outcome: Outcome;
  readonly durationMs: number;
  /** Time from the acceptance of the push to this outcome. */
  readonly sinceAcceptedMs: number;
  /** Milliseconds until the next attempt, if there is one. */
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
  /** Source of the request, such as `sipwise` or `v1`. */
  readonly dialect: string;
  readonly code: string;
  readonly field?: string;
  /** Description of the error. */
  readonly detail: string;
  /** Advice for the operator, if the sender is recognised. */
  readonly hint?: string;
  /** For `queue_full`: the bound that is reached. */
  readonly bound?: FullBound;
  readonly remoteAddress?: string;
}

/** Results of opening a launch link. */
export const LAUNCH_OUTCOMES = ["redirected", "shown", "refused", "limited"] as const;
export type LaunchOutcome = (typeof LAUNCH_OUTCOMES)[number];

/** Steps of a sign-up. `refused`: the request does not come from our own form. */
export const SIGN_UP_STEPS = ["code_sent", "wrong_code", "completed", "limited", "refused", "failed"] as const;
export type SignUpStep = (typeof SIGN_UP_STEPS)[number];

/** All business events, one method each. The one implementation writes a log line and updates a metric for each. */
export interface GatewayEvents {
  accepted(push: Push, dialect: string): void;
  repeated(pushId: string, request: PushRequest, dialect: string): void;
  suppressed(pushId: string | undefined, request: PushRequest, reason: string, dialect: string): void;
  refused(event: RefusedEvent): void;
  /** Data of an accepted push uses names that Google reserves. All phones get it under other names. */
  dataRenamed(pushId: string, names: readonly string[], dialect: string): void;
  /** A platform sent a field that looks like a wish and has no effect. Reported once for each dialect and name. */
  fieldIgnored(field: string, dialect: string): void;
  /** Number of requests refused in the last second because the gateway was overloaded. */
  shed(requests: number): void;
  /** A connection was closed at once because its address has too many that have not shown a valid key. */
  connectionRefused(remoteAddress: string): void;
  attempted(event: AttemptedEvent): void;
  /** The gateway's own limits throttled a delivery: the retry budget, a pause of the app, or too many in flight. */
  attemptThrottled(target: Target, why: ThrottleReason): void;
  deliveryEnded(event: DeliveryEndedEvent): void;
  ended(push: Pick<Push, "id" | "request" | "acceptedAt" | "deliveries">, state: TerminalState, at: number): void;
  /** A phone has registered for a call, or the call has ended. */
  callChanged(call: Call, event: CallEvent, at: number): void;
  leaseLost(pushId: string): void;
  /** A push that was being worked on is no longer in the store, which has lost data. Its end is not recorded. */
  lostByStore(pushId: string): void;
  /** A result for a delivery that had ended, which is a bug. It was not written. */
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
  /** Apple knows the token in an environment other than the app's, and the device has been corrected. */
  environmentLearned(device: Device, target: Target): void;
  preferencesChanged(whose: string, keys: readonly string[]): void;
  /** A step of a sign-up; `error` is the cause of a failure. The person is not logged. */
  signUp(step: SignUpStep, error?: unknown): void;
  /** A launch link was opened. */
  launchAnswered(outcome: LaunchOutcome, remoteAddress: string): void;
  /** A new configuration is in force. `restart` names the settings that need a restart of the process. */
  configReloaded(restart: readonly string[]): void;
  /** Credentials were reloaded from changed files. `warnings` are new problems of their content. */
  credentialsRenewed(files: readonly string[], warnings: readonly string[]): void;
  /** A new configuration cannot be used. The old one stays in force. */
  configRefused(why: string): void;
  /** An operator has to act, although the gateway continues. Reported when it begins, and once a day while it lasts. */
  alarmRaised(alarm: Alarm): void;
  alarmCleared(alarm: Alarm): void;
  /** Number of pushes that would have waited longer than any pause, because the store's clock was set back. */
  oversleepersWoken(count: number): void;
  /** A store operation failed; `what` names it. */
  storeFailed(what: string, error: unknown): void;
  /** A bug, caught where it could be contained. */
  unexpected(what: string, error: unknown): void;
}
