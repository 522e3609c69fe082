import type { Claim } from "./shares.ts";

/** How far apart those come back that found no place, and how soon at the earliest. */
const PACE = {
  call: { everyMs: 1, earliestMs: 500 },
  message: { everyMs: 2, earliestMs: 1_000 },
} as const;

/**
 * When pushes that found no place may ask again. One after the other, by app: a backlog of many thousands must not keep the store busy with
 * taking them and putting them back. A small one is back within a second.
 */
export class ReturnLine {
  /** The last instant that was given out; as many as there are apps in trouble. */
  readonly #last = new Map<string, number>();

  next({ app, isCall }: Claim, now: number): number {
    const { everyMs, earliestMs } = PACE[isCall ? "call" : "message"];
    const key = `${isCall} ${app}`;
    const at = Math.max(now + earliestMs, (this.#last.get(key) ?? -Infinity) + everyMs);
    this.#last.set(key, at);
    return at;
  }

  /** Whether the store has to be spared now, because so many come back. */
  isBusy(now: number): boolean {
    for (const [key, last] of this.#last) if (last <= now) this.#last.delete(key);
    return this.#last.size > 0;
  }
}
