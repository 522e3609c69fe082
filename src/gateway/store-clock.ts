import type { Clock } from "./clock.ts";

/** One reading of a store's clock. */
export interface ClockReading {
  /** By the gateway's monotonic clock, in milliseconds: before the question, and after the answer. */
  readonly askedAt: number;
  readonly answeredAt: number;
  /** What the store's clock said in between, in whole epoch milliseconds. */
  readonly storeTime: number;
}

export interface StoreClockDeps {
  /** Milliseconds; a step of the wall clock does not move it. */
  readonly monotonic: Clock;
  /** The machine's own idea of the time, which is used until the first reading. */
  readonly wall: Clock;
}

interface Estimate {
  /** To be added to the monotonic clock. */
  readonly offset: number;
  /** How far from it the truth may be, in either direction. */
  readonly errorMs: number;
  readonly at: number;
}

/** How fast two clocks may part: 200 ppm is a poor quartz, and more than what NTP corrects at. */
const DRIFT = 0.0002;
/** The store says whole milliseconds. */
const RESOLUTION_MS = 1;

/**
 * The clock of a shared store as a gateway knows it: the monotonic clock plus an offset that is learned from every answer which holds the
 * store's time. Deadlines, pauses and registrations are the store's instants, so gateways whose own clocks are wrong agree about them.
 *
 * A reading is right within half its round trip. The best one stays in use until its uncertainty, which grows with time, exceeds that of a
 * new one, or until the two exclude each other: then the store's clock was set, or another server has taken over.
 */
export class StoreClock {
  readonly #monotonic: Clock;
  readonly #wall: Clock;
  #estimate: Estimate | undefined;

  constructor({ monotonic, wall }: StoreClockDeps) {
    this.#monotonic = monotonic;
    this.#wall = wall;
  }

  /** Epoch milliseconds, with fractions cut off. */
  readonly now: Clock = () => {
    const estimate = this.#estimate;
    return estimate === undefined ? this.#wall() : Math.floor(this.#monotonic() + estimate.offset);
  };

  /** For readings: their `askedAt` and `answeredAt`. */
  readonly monotonic: Clock = () => this.#monotonic();

  /** How far the machine's own clock is ahead of what a reading that has just come says, in milliseconds; at least so much is certain. */
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
