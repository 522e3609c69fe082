import type { Claim } from "./shares.ts";

/** How far apart those of one app come back that found no place. */
const EVERY_MS = 1;
/** How soon at the earliest. */
const EARLIEST_MS = { call: 500, message: 1_000 } as const;

/**
 * When pushes that found no place may ask again. One after the other, by app: a backlog of many thousands must not keep the store busy with
 * taking them and putting them back. A small one is back within a second.
 */
export class ReturnLine {
  /** The last instant that was given out; as many as there are apps in trouble. */
  readonly #last = new Map<string, number>();

  next({ app, isCall }: Claim, now: number): number {
    const earliest = now + EARLIEST_MS[isCall ? "call" : "message"];
    const key = `${isCall} ${app}`;
    const at = Math.max(earliest, (this.#last.get(key) ?? -Infinity) + EVERY_MS);
    this.#last.set(key, at);
    return at;
  }

  /** Whether the store has to be spared now, because so many come back. */
  isBusy(now: number): boolean {
    for (const [key, last] of this.#last) if (last <= now) this.#last.delete(key);
    return this.#last.size > 0;
  }
}
