import { Sources, type Source } from "./sources.ts";

export interface ShedderOptions {
  /** Average wait for the event loop, in milliseconds, above which requests are refused. */
  readonly targetMs: number;
  /** Requests that have waited longer than this are always refused. */
  readonly oldestMs: number;
  /** Milliseconds of a clock without steps. */
  readonly now: () => number;
}

/** Interval between adjustments of the rate. */
const INTERVAL_MS = 100;
/** A single stall makes one interval late. Overload makes at least this many late. */
const LATE_INTERVALS = 4;
/** Intervals without a refusal after which the overload is over. */
const CALM_INTERVALS = 10;
/** Tokens that may accumulate, as a part of a second's rate. */
const BURST_SECONDS = 0.05;
/** Part of the burst that is reserved for sources below their share. */
const RESERVE = 1 / 2;
/** Largest decrease and increase of the rate in an interval. */
const STEEPEST_FALL = 0.1;
const RISE = 0.2;
/**
 * Lower limit, as a part of the rate at which the overload began. If the loop is late for another reason, the gateway
 * still works.
 */
const LOWEST_RATE = 0.15;
/**
 * Multiples of the target beyond which a request is refused even if there are tokens; for a light source, if there are
 * none.
 */
const TOO_LATE = { light: 12, others: 3 };

interface Overload {
  /** Requests per second that may be admitted. */
  rate: number;
  /** Rate at which the overload began: what the gateway can serve if it refuses nothing. */
  readonly capacity: number;
  tokens: number;
  refilledAt: number;
  calmIntervals: number;
}

interface Interval {
  began: number;
  seen: number;
  admitted: number;
  refused: number;
  delaySum: number;
}

/**
 * Decides which requests are admitted while the event loop is late. It admits as many per second as the loop can serve,
 * and adjusts that rate by the loop's delay. Each source may use its share of the rate, and others may use what is
 * left. While the loop keeps up, all requests are admitted.
 */
export class Shedder {
  readonly #options: ShedderOptions;
  readonly #sources = new Sources();
  #interval: Interval;
  #lateIntervals = 0;
  #lateAdmitted = 0;
  #lateSeconds = 0;
  #overload: Overload | undefined;

  constructor(options: ShedderOptions) {
    this.#options = options;
    this.#interval = beginInterval(options.now());
  }

  get isShedding(): boolean {
    return this.#overload !== undefined;
  }

  /** Returns true if a request that has waited for `delayMs` is admitted. `source` may be undefined while no requests are refused. */
  admits(delayMs: number, source: Source | undefined): boolean {
    const now = this.#options.now();
    if (now - this.#interval.began >= INTERVAL_MS) this.#adjust(now);
    const isAdmitted = this.#judge(delayMs, source, now);
    const interval = this.#interval;
    interval.seen += 1;
    interval.delaySum += delayMs;
    if (isAdmitted) interval.admitted += 1;
    else interval.refused += 1;
    return isAdmitted;
  }

  #judge(delayMs: number, source: Source = NOBODY, now: number): boolean {
    const { targetMs, oldestMs } = this.#options;
    if (delayMs > oldestMs) return false;
    const overload = this.#overload;
    if (overload === undefined) return true;
    refill(overload, now);
    const burst = burstOf(overload);
    const party = this.#sources.find(source, now);
    party.asked += 1;
    // The source sends no more than its share of the capacity, so others' load must not affect it.
    const isLight = party.asked <= this.#sources.shareOf(party, overload.capacity);
    const hasItsShare = party.admitted >= this.#sources.shareOf(party, overload.rate);
    const hasTokens = overload.tokens >= 1 + (isLight || !hasItsShare ? 0 : burst * RESERVE);
    const isTooLate = delayMs > targetMs * (isLight ? TOO_LATE.light : TOO_LATE.others);
    if (isLight ? isTooLate && !hasTokens : isTooLate || !hasTokens) return false;
    overload.tokens = Math.max(-burst, overload.tokens - 1);
    party.admitted += 1;
    return true;
  }

  #adjust(now: number): void {
    const ended = this.#interval;
    const seconds = (now - ended.began) / 1000;
    this.#interval = beginInterval(now);
    const delayMs = ended.seen === 0 ? 0 : ended.delaySum / ended.seen;
    const isLate = delayMs > this.#options.targetMs;
    this.#lateIntervals = isLate ? this.#lateIntervals + 1 : 0;
    this.#lateAdmitted = isLate ? this.#lateAdmitted + ended.admitted : 0;
    this.#lateSeconds = isLate ? this.#lateSeconds + seconds : 0;
    if (seconds * 1000 > CALM_INTERVALS * INTERVAL_MS) this.#overload = undefined;
    const overload = this.#overload;
    if (overload === undefined) {
      if (this.#lateIntervals >= LATE_INTERVALS) this.#begin(this.#lateAdmitted / this.#lateSeconds, now);
      return;
    }
    this.#sources.count(now);
    overload.rate = adjustRate(overload, delayMs / this.#options.targetMs);
    overload.calmIntervals = ended.refused > 0 || isLate ? 0 : overload.calmIntervals + 1;
    if (overload.calmIntervals >= CALM_INTERVALS) this.#overload = undefined;
  }

  #begin(admittedPerSecond: number, now: number): void {
    const capacity = Math.max(1, admittedPerSecond);
    this.#sources.clear();
    this.#overload = { rate: capacity, capacity, tokens: 0, refilledAt: now, calmIntervals: 0 };
  }
}

const NOBODY: Source = { key: "", domain: "" };

function beginInterval(now: number): Interval {
  return { began: now, seen: 0, admitted: 0, refused: 0, delaySum: 0 };
}

function burstOf({ rate }: Overload): number {
  return Math.max(2, rate * BURST_SECONDS);
}

function refill(overload: Overload, now: number): void {
  const seconds = (now - overload.refilledAt) / 1000;
  overload.tokens = Math.min(burstOf(overload), overload.tokens + seconds * overload.rate);
  overload.refilledAt = now;
}

/** `lateness` is 1 at the target. */
function adjustRate({ rate, capacity }: Overload, lateness: number): number {
  const change = lateness > 1 ? -Math.min(STEEPEST_FALL, STEEPEST_FALL * (lateness - 1)) : RISE * (1 - lateness);
  return Math.max(capacity * LOWEST_RATE, rate * (1 + change));
}
