/** So many answers does a store owe to those who wait; its other clients come in between. */
const MAX_UNDER_WAY = 32;

interface Queued<Value> {
  readonly run: () => Promise<Value>;
  readonly answer: PromiseWithResolvers<Value>;
}

/**
 * Asks a store with a bound on the questions under way; others queue. Questions under one name that have not been asked yet share one
 * answer. One that is under way is not shared: its answer may be older than what the next asker has heard.
 */
export class PacedLooks<Value> {
  /** In the order in which they came. */
  readonly #queued = new Map<string, Queued<Value>>();
  #underWay = 0;

  ask(name: string, run: () => Promise<Value>): Promise<Value> {
    const same = this.#queued.get(name);
    if (same !== undefined) return same.answer.promise;
    const answer = Promise.withResolvers<Value>();
    this.#queued.set(name, { run, answer });
    // Those of the same moment are one.
    queueMicrotask(() => this.#askNext());
    return answer.promise;
  }

  #askNext(): void {
    for (const [name, next] of this.#queued) {
      if (this.#underWay >= MAX_UNDER_WAY) return;
      this.#queued.delete(name);
      this.#underWay += 1;
      void this.#run(next);
    }
  }

  async #run({ run, answer }: Queued<Value>): Promise<void> {
    try {
      answer.resolve(await run());
    } catch (error) {
      answer.reject(error);
    }
    this.#underWay -= 1;
    this.#askNext();
  }
}
