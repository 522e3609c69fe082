export interface Place {
  /** True for calls. */
  readonly isUrgent: boolean;
  /** True if it had its turn already and was refused. */
  readonly isRepeat: boolean;
}

interface Link<Item> {
  readonly item: Item;
  before: Link<Item> | undefined;
  after: Link<Item> | undefined;
  isIn: boolean;
}

/**
 * A queue in order of arrival. As a linked list it allows joining, serving and leaving in any order in constant time.
 */
class Line<Item> {
  #first: Link<Item> | undefined;
  #last: Link<Item> | undefined;
  size = 0;

  get first(): Item | undefined {
    return this.#first?.item;
  }

  join(item: Item): Link<Item> {
    const link: Link<Item> = { item, before: this.#last, after: undefined, isIn: true };
    if (this.#last === undefined) this.#first = link;
    else this.#last.after = link;
    this.#last = link;
    this.size += 1;
    return link;
  }

  leave(link: Link<Item>): void {
    if (!link.isIn) return;
    link.isIn = false;
    if (link.before === undefined) this.#first = link.after;
    else link.before.after = link.after;
    if (link.after === undefined) this.#last = link.before;
    else link.after.before = link.before;
    this.size -= 1;
  }
}

/**
 * A priority queue of requests that wait for room: calls first, then repeats before new requests, then in order of
 * arrival.
 */
export class PriorityQueue<Item> {
  readonly #calls = { repeats: new Line<Item>(), newcomers: new Line<Item>() };
  readonly #others = { repeats: new Line<Item>(), newcomers: new Line<Item>() };

  get size(): number {
    return this.count(true) + this.count(false);
  }

  /** Returns how many of that urgency wait. */
  count(isUrgent: boolean): number {
    const { repeats, newcomers } = isUrgent ? this.#calls : this.#others;
    return repeats.size + newcomers.size;
  }

  /** Returns a function that leaves the queue; calling it twice is harmless. */
  join(item: Item, { isUrgent, isRepeat }: Place): () => void {
    const lines = isUrgent ? this.#calls : this.#others;
    const line = isRepeat ? lines.repeats : lines.newcomers;
    const link = line.join(item);
    return () => line.leave(link);
  }

  /** The next item. */
  get first(): Item | undefined {
    const [calls, others] = [this.#calls, this.#others];
    return calls.repeats.first ?? calls.newcomers.first ?? others.repeats.first ?? others.newcomers.first;
  }
}
