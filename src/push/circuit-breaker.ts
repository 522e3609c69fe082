import { createSlidingWindow } from "./sliding-window.ts";

/** Health of the whole app as one attempt shows it; undefined if it shows nothing. */
export type Health = "well" | "ill" | undefined;

/** Permission for one attempt. Return it with the attempt's result. */
export interface Pass {
  readonly kind: "pass";
  /** Number of the breaker state that issued it. */
  readonly era: number;
}

export type Admission = Pass | { readonly kind: "wait"; readonly ms: number };

export type BreakerState =
  | { readonly kind: "closed" }
  /**
   * No push is sent until `until`, then a few probes. `failures`: how often in a row it opened without a success in
   * between.
   */
  | { readonly kind: "open"; readonly until: number; readonly failures: number };

/** Short, because phones have to ring soon after the provider recovers. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 2_000;
/** Upper limit for a pause that the provider asks for. */
const LONGEST_TOLD_PAUSE_MS = 3_600_000;
const WINDOW_MS = 10_000;
const BUCKETS = 10;
const MIN_ILL = 3;
/** Below this share of failures, sending does more good than harm, and the retry budget limits the harm. */
const ILL_SHARE = 0.8;
/** Probes per pause. Only one may be a message, so that a call finds one left. */
const PROBES = { call: 3, message: 1 } as const;
/** When to ask again while others probe. */
const PROBING_MS = { call: 250, message: 1_000 } as const;

/**
 * Throttles an app that is in trouble as a whole. All times are epoch milliseconds.
 * - Closed: all pushes pass, and their results are counted. The breaker opens if nearly all of at least three attempts
 *   in the last ten seconds failed, or if the provider asks for a pause.
 * - After the pause a few probes pass. The first success closes the breaker; the first failure opens it for a longer
 *   pause. If no probe answers, each further pause lets as many again pass, so that hanging probes do not block.
 * Martin Fowler, https://martinfowler.com/bliki/CircuitBreaker.html
 */
export class CircuitBreaker {
  readonly #counts = createSlidingWindow(WINDOW_MS, BUCKETS, () => ({ ill: 0, all: 0 }));
  #state: BreakerState = { kind: "closed" };
  #pauseMs = FIRST_PAUSE_MS;
  #probing = { until: -Infinity, passed: 0 };
  #era = 0;

  get state(): BreakerState {
    return this.#state;
  }

  /** Returns the rest of the pause, 0 if there is none. */
  restMs(now: number): number {
    return this.#state.kind === "open" ? Math.max(0, this.#state.until - now) : 0;
  }

  admit(isCall: boolean, now: number): Admission {
    if (this.#state.kind === "closed") return { kind: "pass", era: this.#era };
    const restMs = this.restMs(now);
    if (restMs > 0) return { kind: "wait", ms: restMs };
    if (now >= this.#probing.until) this.#probing = { until: now + this.#pauseMs, passed: 0 };
    const { until, passed } = this.#probing;
    const kind = isCall ? "call" : "message";
    if (passed >= PROBES[kind]) return { kind: "wait", ms: Math.min(PROBING_MS[kind], until - now) };
    this.#probing.passed += 1;
    return { kind: "pass", era: this.#era };
  }

  /** Reports an attempt's result. It is ignored if the breaker's state has changed since the pass was issued. */
  report({ era }: Pass, health: Health, now: number): void {
    if (era !== this.#era || health === undefined) return;
    if (this.#state.kind === "closed") this.#count(health, now);
    else if (health === "well") this.#close(now);
    else {
      this.#pauseMs = Math.min(LONGEST_PAUSE_MS, this.#pauseMs * 2);
      this.#open(this.#pauseMs, now);
    }
  }

  /** Call when the provider has asked for a pause of the whole app. */
  pause(ms: number, now: number): void {
    const state = this.#state;
    const toldMs = Math.min(ms, LONGEST_TOLD_PAUSE_MS);
    // Concurrent attempts that are told the same count as one pause.
    if (state.kind === "open" && now < state.until) {
      this.#state = { ...state, until: Math.max(state.until, now + toldMs) };
    } else {
      this.#open(toldMs, now);
    }
  }

  #count(health: "well" | "ill", now: number): void {
    const bucket = this.#counts.current(now);
    bucket.all += 1;
    if (health === "well") return;
    bucket.ill += 1;
    if (this.#isMostlyIll(now)) this.#open(this.#pauseMs, now);
  }

  #isMostlyIll(now: number): boolean {
    let [ill, all] = [0, 0];
    for (const bucket of this.#counts.list(now)) {
      ill += bucket.ill;
      all += bucket.all;
    }
    return ill >= MIN_ILL && ill >= all * ILL_SHARE;
  }

  #open(ms: number, now: number): void {
    const failures = this.#state.kind === "open" ? this.#state.failures + 1 : 1;
    this.#change({ kind: "open", until: now + ms, failures });
  }

  #close(now: number): void {
    this.#pauseMs = FIRST_PAUSE_MS;
    this.#change({ kind: "closed" });
    this.#counts.current(now).all += 1;
  }

  #change(next: BreakerState): void {
    this.#state = next;
    this.#era += 1;
    this.#probing = { until: -Infinity, passed: 0 };
    this.#counts.clear();
  }
}
