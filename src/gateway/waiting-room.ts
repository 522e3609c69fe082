/**
 * Bounds how many deliveries wait for a retry with the lease in hand. Those that wait need no hand, or a provider that is away
 * would soon have all of them, and the others' pushes none.
 */
export class WaitingRoom {
  readonly #seats: number;
  #taken = 0;

  constructor(seats: number) {
    this.#seats = seats;
  }

  get size(): number {
    return this.#taken;
  }

  get isFull(): boolean {
    return this.#taken >= this.#seats;
  }

  /** Takes a seat for the time of the work; false, and nothing is done, where none is free. */
  async occupy(work: () => Promise<void>): Promise<boolean> {
    if (this.isFull) return false;
    this.#taken += 1;
    try {
      await work();
    } finally {
      this.#taken -= 1;
    }
    return true;
  }
}
