import type { Clock } from "./clock.ts";

/** One reading of a store's clock. */
export interface ClockReading {
  /** By the gateway's monotonic clock, in milliseconds: before the query and after the answer. */
  readonly askedAt: number;
  readonly answeredAt: number;
  /** The store's time in between, in whole epoch milliseconds. */
  readonly storeTime: number;
}

export interface StoreClockDeps {
  /** Milliseconds; not affected by changes of the wall clock. */
  readonly monotonic: Clock;
  /** The machine's wall clock, used until the first reading. */
  readonly wall: Clock;
}

interface Estimate {
  /** Difference to add to the monotonic clock. */
  readonly offset: number;
  /** Maximum error of the offset in either direction. */
  readonly errorMs: number;
  readonly at: number;
}

/** Drift between two clocks: 200 ppm is a poor quartz, and more than the rate at which NTP corrects. */
const DRIFT = 0.0002;
/** The store returns whole milliseconds. */
const RESOLUTION_MS = 1;

/**
 * A gateway's estimate of a shared store's clock: the monotonic clock plus an offset, learned from every answer that
 * contains the store's time. Deadlines, pauses and registrations use it, so gateways with wrong clocks still agree on
 * them.
 *
 * A reading is accurate to half its round trip. The best one stays in use until its uncertainty, which grows with time,
 * exceeds that of a new one, or until the two contradict each other: then the store's clock was set, or another server
 * has taken over.
 */
export class StoreClock {
  readonly #monotonic: Clock;
  readonly #wall: Clock;
  #estimate: Estimate | undefined;

  constructor({ monotonic, wall }: StoreClockDeps) {
    this.#monotonic = monotonic;
    this.#wall = wall;
  }

  /** Epoch milliseconds, rounded down. */
  readonly now: Clock = () => {
    const estimate = this.#estimate;
    return estimate === undefined ? this.#wall() : Math.floor(this.#monotonic() + estimate.offset);
  };

  /** Clock for the `askedAt` and `answeredAt` of readings. */
  readonly monotonic: Clock = () => this.#monotonic();

  /**
   * Returns by how many milliseconds the machine's clock is ahead of this reading, after subtraction of its
   * uncertainty.
   */
  readSkewMs({ askedAt, answeredAt, storeTime }: ClockReading): number {
    const uncertainMs = (answeredAt - askedAt + RESOLUTION_MS) / 2;
    const skewMs = this.#wall() - (this.#monotonic() - answeredAt) - uncertainMs - storeTime;
    return Math.sign(skewMs) * Math.max(Math.abs(skewMs) - uncertainMs, 0);
  }

  note({ askedAt, answeredAt, storeTime }: ClockReading): void {
    const offset = storeTime + RESOLUTION_MS / 2 - (askedAt + answeredAt) / 2;
    const found = { offset, errorMs: (answeredAt - askedAt + RESOLUTION_MS) / 2, at: answeredAt };
    const known = this.#estimate;
    if (known === undefined || found.errorMs <= errorAt(known, answeredAt) || excludes(known, found)) {
      this.#estimate = found;
    }
  }
}

function errorAt({ errorMs, at }: Estimate, now: number): number {
  return errorMs + Math.max(now - at, 0) * DRIFT;
}

function excludes(known: Estimate, found: Estimate): boolean {
  return Math.abs(found.offset - known.offset) > found.errorMs + errorAt(known, found.at);
}
