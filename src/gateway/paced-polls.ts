/** Limit of concurrent polls, so that the store's other clients come in between. */
const MAX_UNDER_WAY = 32;

interface Queued<Value> {
  readonly run: () => Promise<Value>;
  readonly answer: PromiseWithResolvers<Value>;
}

/**
 * Polls a store with limited concurrency; further polls queue. Polls under one name that have not started yet share one
 * answer. One in progress is not shared, because its answer may be older than an event that the next caller knows of.
 */
export class PacedPolls<Value> {
  /** In order of arrival. */
  readonly #queued = new Map<string, Queued<Value>>();
  #underWay = 0;

  ask(name: string, run: () => Promise<Value>): Promise<Value> {
    const same = this.#queued.get(name);
    if (same !== undefined) return same.answer.promise;
    const answer = Promise.withResolvers<Value>();
    this.#queued.set(name, { run, answer });
    // Polls of the same tick share one answer.
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
