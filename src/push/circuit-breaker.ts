import { createSlidingWindow } from "./sliding-window.ts";

/** What an attempt says of the app as a whole: undefined where it says nothing. */
export type Health = "well" | "ill" | undefined;

/** The right to make one attempt, to be given back with how it went. */
export interface Pass {
  readonly kind: "pass";
  /** Of which state of the breaker. */
  readonly era: number;
}

export type Admission = Pass | { readonly kind: "wait"; readonly ms: number };

export type BreakerState =
  | { readonly kind: "closed" }
  /** Nothing is sent until `until`; then a few probes. `failures`: how often in a row it opened without a success between. */
  | { readonly kind: "open"; readonly until: number; readonly failures: number };

/** Short, for the sake of calls: a phone has to ring soon after the provider is back. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 2_000;
/** A provider that asks for more is asked again after an hour. */
const LONGEST_TOLD_PAUSE_MS = 3_600_000;
const WINDOW_MS = 10_000;
const BUCKETS = 10;
const MIN_ILL = 3;
/** Below that, sending still does more good than harm, and the retry budget bounds the harm. */
const ILL_SHARE = 0.8;
/** So many probes in each pause; of messages but one, so that a call finds one left. */
const PROBES = { call: 3, message: 1 } as const;
/** How soon those ask again who were left over while others probe. */
const PROBING_MS = { call: 250, message: 1_000 } as const;

/**
 * Keeps pushes back from an app that is in trouble as a whole. Closed: all pass, and what they meet is counted. It opens when nearly all of
 * at least three attempts of the last ten seconds went wrong, or when the provider asks for a pause. When the pause is over a few probes
 * pass: the first that succeeds closes it, the first that fails opens it for a longer pause. While no probe answers, each
 * further pause lets as many again pass, so that probes which hang do not bar the way. Instants are epoch milliseconds.
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

  /** How much of the pause is left; 0 where none is. */
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

  /** How it went. What comes in when the state in which it passed is over says nothing any more. */
  report({ era }: Pass, health: Health, now: number): void {
    if (era !== this.#era || health === undefined) return;
    if (this.#state.kind === "closed") this.#count(health, now);
    else if (health === "well") this.#close(now);
    else {
      this.#pauseMs = Math.min(LONGEST_PAUSE_MS, this.#pauseMs * 2);
      this.#open(this.#pauseMs, now);
    }
  }

  /** The provider asked for a pause of the whole app. */
  pause(ms: number, now: number): void {
    const state = this.#state;
    const toldMs = Math.min(ms, LONGEST_TOLD_PAUSE_MS);
    // Many that were under way together are told the same: that is one pause.
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
