/** One that waits for its turn. */
export interface Turn<T> {
  readonly item: T;
  /** Gives the turn up; harmless where it has come. */
  leave(): void;
}

/**
 * Who waits, in the order in which they get their turn: each party one in turn, however many it has waiting, so that the storm of one
 * does not stand before another's only one. Within a party, in order of arrival.
 */
export class Turns<T> {
  /** In the order in which the parties get their turns. */
  readonly #parties = new Map<string, Set<Turn<T>>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  join(party: string, item: T): Turn<T> {
    const line = this.#parties.get(party) ?? new Set();
    this.#parties.set(party, line);
    const turn: Turn<T> = { item, leave: () => this.#leave(party, line, turn) };
    line.add(turn);
    this.#size += 1;
    return turn;
  }

  /** Whose turn it is; he waits no longer. */
  next(): T | undefined {
    for (const [party, line] of this.#parties) {
      for (const turn of line) {
        this.#leave(party, line, turn);
        if (line.size > 0) {
          // Behind all others.
          this.#parties.delete(party);
          this.#parties.set(party, line);
        }
        return turn.item;
      }
    }
    return undefined;
  }

  #leave(party: string, line: Set<Turn<T>>, turn: Turn<T>): void {
    if (!line.delete(turn)) return;
    this.#size -= 1;
    if (line.size === 0) this.#parties.delete(party);
  }
}
