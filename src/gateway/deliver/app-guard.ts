import { domainOf } from "../../push/address.ts";
import { readHealth } from "../../push/app-health.ts";
import { CircuitBreaker, type Pass } from "../../push/circuit-breaker.ts";
import { attemptTimeoutMs, isNowOrNever, MAX_ATTEMPT_MS } from "../../push/deadline.ts";
import type { AppTrouble, Held } from "../../push/held.ts";
import type { Outcome } from "../../push/outcome.ts";
import { isAboutCall, type Target } from "../../push/push.ts";
import type { Alarms } from "../alarms.ts";
import { createAppAlarms, type AppAlarms } from "./app-alarms.ts";
import type { Clock } from "../clock.ts";
import type { Attempt, GuardedProvider, PushProvider } from "../push-provider.ts";
import { SendLimit, type SendLimits } from "./send-limit.ts";

export interface AppGuardDeps {
  readonly alarms: Pick<Alarms, "raise" | "clear">;
  readonly clock: Clock;
  readonly limits?: SendLimits;
}

/** More than a provider takes at once over the connections of one app. */
const LIMITS: SendLimits = { sends: 1_000, messages: 750, waiting: 2_000 };
/** How soon a push asks again that found no room. */
const BUSY_MS = { call: 250, message: 1_000 } as const;

/** So much of an attempt's time it waits for room at most. */
const WAIT_SHARE = 1 / 2;

/**
 * Keeps the trouble of an app to itself: so many pushes of it are under way at once, calls first; and while its provider is in trouble, or
 * refuses it, or asks for a pause, a few probes alone reach it. Whatever is kept back costs no attempt.
 */
export class AppGuard implements GuardedProvider {
  readonly app: string;
  readonly #provider: PushProvider;
  readonly #clock: Clock;
  readonly #alarms: AppAlarms;
  readonly #limit: SendLimit;
  readonly #breaker = new CircuitBreaker();
  /** What went wrong last with the app as a whole. */
  #trouble: AppTrouble | undefined;

  constructor(provider: PushProvider, { alarms, clock, limits = LIMITS }: AppGuardDeps) {
    this.app = provider.app;
    this.#provider = provider;
    this.#clock = clock;
    this.#alarms = createAppAlarms(provider.app, alarms);
    this.#limit = new SendLimit(limits);
  }

  async send(attempt: Attempt, stop: AbortSignal): Promise<Outcome | Held> {
    const isCall = isAboutCall(attempt.push.request);
    const restMs = this.#breaker.restMs(this.#clock());
    if (restMs > 0) return this.#pause(restMs);
    const leave = await this.#limit.enter(placeOf(attempt), () => this.#limitTime(attempt, stop, WAIT_SHARE));
    if (leave === undefined || this.#clock() >= attempt.push.deadline) {
      leave?.();
      return { kind: "held", why: "app_busy", retryAfterMs: BUSY_MS[isCall ? "call" : "message"] };
    }
    try {
      const admission = this.#breaker.admit(isCall, this.#clock());
      if (admission.kind === "wait") return this.#pause(admission.ms);
      // Not before it is certain that it goes out: those that are held are many, and a signal lives as long as its time.
      const signal = this.#limitTime(attempt, stop);
      const outcome = await this.#provider.send(attempt, signal);
      this.#judge(admission, outcome, signal);
      this.#tell(attempt.target, outcome);
      return outcome;
    } finally {
      leave();
    }
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#provider[Symbol.asyncDispose]();
  }

  /** Of the attempt's time, or a share of it. The only attempt of a push takes the time that it needs, once it has begun. */
  #limitTime({ push }: Attempt, stop: AbortSignal, share = 1): AbortSignal {
    const isWhole = share === 1;
    const ms =
      isWhole && isNowOrNever(push.request)
        ? MAX_ATTEMPT_MS
        : Math.floor(attemptTimeoutMs(push.deadline, this.#clock()) * share);
    return AbortSignal.any([stop, AbortSignal.timeout(ms)]);
  }

  #pause(retryAfterMs: number): Held {
    const cause = this.#trouble === undefined ? {} : { cause: this.#trouble };
    return { kind: "held", why: "provider_paused", retryAfterMs, ...cause };
  }

  /** What the outcome says of the app. */
  #judge(pass: Pass, outcome: Outcome, signal: AbortSignal): void {
    const isTimedOut = signal.aborted && isTimeout(signal);
    // Called off by us: it says nothing of the provider.
    const health = signal.aborted && !isTimedOut ? undefined : readHealth(outcome, isTimedOut);
    if (health === "ill" && (outcome.kind === "deferred" || outcome.kind === "misconfigured")) {
      this.#trouble = { kind: outcome.kind, reason: outcome.reason };
    }
    const toldMs = readToldPause(outcome);
    if (toldMs === undefined) this.#breaker.report(pass, health, this.#clock());
    else this.#breaker.pause(toldMs, this.#clock());
  }

  /** What the operator has to know of it. */
  #tell(target: Target, outcome: Outcome): void {
    if (outcome.kind === "delivered") this.#alarms.taken(target);
    if (outcome.kind === "misconfigured" && outcome.scope !== "device") this.#alarms.refused(target, outcome.reason);
    const { state } = this.#breaker;
    const toldMs = readToldPause(outcome);
    if (outcome.kind === "deferred" && toldMs !== undefined) this.#alarms.paused(toldMs, outcome.reason);
    else if (state.kind === "closed") this.#alarms.up();
    // The first opening may be a passing trouble; the probes after it show whether it is.
    else if (state.failures > 1 && this.#trouble !== undefined) this.#alarms.down(this.#trouble);
  }
}

function placeOf({ push: { request } }: Attempt) {
  return { isCall: isAboutCall(request), party: domainOf(request.callee) };
}

function isTimeout({ reason }: AbortSignal): boolean {
  return reason instanceof DOMException && reason.name === "TimeoutError";
}

function readToldPause(outcome: Outcome): number | undefined {
  return outcome.kind === "deferred" && outcome.scope === "app" ? outcome.retryAfterMs : undefined;
}
