import { domainOf } from "../../push/address.ts";
import { readHealth } from "../../push/app-health.ts";
import { CircuitBreaker, type Pass } from "../../push/circuit-breaker.ts";
import { attemptTimeoutMs, isNowOrNever, isTooLate, MAX_ATTEMPT_MS } from "../../push/deadline.ts";
import type { ExplainReason } from "../../push/explanations/explanation.ts";
import type { AppTrouble, Throttled } from "../../push/throttled.ts";
import type { Outcome } from "../../push/outcome.ts";
import { isAboutCall, type Target } from "../../push/push.ts";
import type { Alarms } from "../alarms.ts";
import { createAppAlarms, type AppAlarms } from "./app-alarms.ts";
import { AttemptTimer } from "./attempt-timer.ts";
import type { Clock } from "../clock.ts";
import type { Attempt, GuardedProvider, PushProvider } from "../push-provider.ts";
import { SendLimit, type SendLimits } from "./send-limit.ts";

export interface AppGuardDeps {
  readonly alarms: Pick<Alarms, "raise" | "clear">;
  readonly clock: Clock;
  readonly explain: ExplainReason;
  readonly limits?: SendLimits;
}

/** More than a provider accepts at once over the connections of one app. */
const LIMITS: SendLimits = { sends: 1_000, messages: 750, waiting: 2_000 };
/** When a push without room asks again. */
const BUSY_MS = { call: 250, message: 1_000 } as const;

/** Share of an attempt's time that it may wait for room. */
const WAIT_SHARE = 1 / 2;

/**
 * Isolates an app's trouble. It limits the app's pushes in flight, calls first. While the provider is failing, refuses
 * the app or asks for a pause, only a few probes pass. A throttled push makes no attempt.
 */
export class AppGuard implements GuardedProvider {
  readonly app: string;
  readonly #provider: PushProvider;
  readonly #clock: Clock;
  readonly #alarms: AppAlarms;
  readonly #limit: SendLimit;
  readonly #breaker = new CircuitBreaker();
  /** The app's last failure. */
  #trouble: AppTrouble | undefined;

  constructor(provider: PushProvider, { alarms, clock, explain, limits = LIMITS }: AppGuardDeps) {
    this.app = provider.app;
    this.#provider = provider;
    this.#clock = clock;
    this.#alarms = createAppAlarms(provider.app, { alarms, explain });
    this.#limit = new SendLimit(limits);
  }

  async send(attempt: Attempt, stop: AbortSignal): Promise<Outcome | Throttled> {
    const isCall = isAboutCall(attempt.push.request);
    const restMs = this.#breaker.restMs(this.#clock());
    if (restMs > 0) return this.#pause(restMs);
    const leave = await this.#limit.enter(placeOf(attempt), () => this.#startTimer(attempt, stop, WAIT_SHARE));
    if (leave === undefined || isTooLate(attempt.push.deadline, this.#clock())) {
      leave?.();
      return { kind: "throttled", why: "app_busy", retryAfterMs: BUSY_MS[isCall ? "call" : "message"] };
    }
    try {
      const admission = this.#breaker.admit(isCall, this.#clock());
      if (admission.kind === "wait") return this.#pause(admission.ms);
      using timer = this.#startTimer(attempt, stop);
      const outcome = await this.#provider.send(attempt, timer.signal);
      this.#judge(admission, outcome, timer);
      this.#tell(attempt.target, outcome);
      return outcome;
    } finally {
      leave();
    }
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#provider[Symbol.asyncDispose]();
  }

  /**
   * Limits the attempt to its time, or a share of it. The only attempt of a push may take all the time it needs once it
   * has begun.
   */
  #startTimer({ push }: Attempt, stop: AbortSignal, share = 1): AttemptTimer {
    const isWhole = share === 1;
    const ms =
      isWhole && isNowOrNever(push.request)
        ? MAX_ATTEMPT_MS
        : Math.floor(attemptTimeoutMs(push.deadline, this.#clock()) * share);
    return new AttemptTimer(ms, stop);
  }

  #pause(retryAfterMs: number): Throttled {
    const cause = this.#trouble === undefined ? {} : { cause: this.#trouble };
    return { kind: "throttled", why: "provider_paused", retryAfterMs, ...cause };
  }

  /** Reports the outcome to the breaker. */
  #judge(pass: Pass, outcome: Outcome, { signal, isTimedOut }: AttemptTimer): void {
    // We cancelled the attempt, which says nothing about the provider.
    const health = signal.aborted && !isTimedOut ? undefined : readHealth(outcome, isTimedOut);
    if (health === "ill" && (outcome.kind === "deferred" || outcome.kind === "misconfigured")) {
      this.#trouble = { kind: outcome.kind, reason: outcome.reason };
    }
    const toldMs = readToldPause(outcome);
    if (toldMs === undefined) this.#breaker.report(pass, health, this.#clock());
    else this.#breaker.pause(toldMs, this.#clock());
  }

  /** Raises or clears the app's alarms. */
  #tell(target: Target, outcome: Outcome): void {
    if (outcome.kind === "delivered") this.#alarms.taken(target);
    if (outcome.kind === "misconfigured" && outcome.scope !== "device") this.#alarms.refused(target, outcome.reason);
    const { state } = this.#breaker;
    const toldMs = readToldPause(outcome);
    if (outcome.kind === "deferred" && toldMs !== undefined) this.#alarms.paused(toldMs, outcome.reason);
    else if (state.kind === "closed") this.#alarms.up();
    // The first opening may be a short disturbance. The probes after it show whether it is.
    else if (state.failures > 1 && this.#trouble !== undefined) this.#alarms.down(this.#trouble);
  }
}

function placeOf({ push: { request } }: Attempt) {
  return { isCall: isAboutCall(request), party: domainOf(request.callee) };
}

function readToldPause(outcome: Outcome): number | undefined {
  return outcome.kind === "deferred" && outcome.scope === "app" ? outcome.retryAfterMs : undefined;
}
