/** An entry that waits for its turn. */
export interface QueuedItem<T> {
  readonly item: T;
  /** Removes the entry. Does nothing if its turn has come. */
  leave(): void;
}

/**
 * Round-robin queue: each party gets one turn at a time, however many entries it has, so that one party's storm does
 * not delay another's only entry. Within a party the order is that of arrival.
 */
export class RoundRobin<T> {
  /** In the order of their next turns. */
  readonly #parties = new Map<string, Set<QueuedItem<T>>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  join(party: string, item: T): QueuedItem<T> {
    const line = this.#parties.get(party) ?? new Set();
    this.#parties.set(party, line);
    const turn: QueuedItem<T> = { item, leave: () => this.#leave(party, line, turn) };
    line.add(turn);
    this.#size += 1;
    return turn;
  }

  /** Removes and returns the next item, or undefined if the queue is empty. */
  next(): T | undefined {
    for (const [party, line] of this.#parties) {
      for (const turn of line) {
        this.#leave(party, line, turn);
        if (line.size > 0) {
          // Moves the party to the end.
          this.#parties.delete(party);
          this.#parties.set(party, line);
        }
        return turn.item;
      }
    }
    return undefined;
  }

  #leave(party: string, line: Set<QueuedItem<T>>, turn: QueuedItem<T>): void {
    if (!line.delete(turn)) return;
    this.#size -= 1;
    if (line.size === 0) this.#parties.delete(party);
  }
}
