import type { SlotOwner } from "./fair-share.ts";

/** Spacing between an app's requeued pushes. */
const EVERY_MS = 1;
/** Shortest time before a requeued push may return. */
const EARLIEST_MS = { call: 500, message: 1_000 } as const;

/**
 * Paces pushes that were requeued for lack of a slot: they return one after the other for each app. A backlog of many
 * thousands must not keep the store busy with leasing and requeuing. A small one returns within a second.
 */
export class RequeuePacer {
  /** Last time assigned to each app. */
  readonly #last = new Map<string, number>();

  next({ app, isCall }: SlotOwner, now: number): number {
    const earliest = now + EARLIEST_MS[isCall ? "call" : "message"];
    const key = `${isCall} ${app}`;
    const at = Math.max(earliest, (this.#last.get(key) ?? -Infinity) + EVERY_MS);
    this.#last.set(key, at);
    return at;
  }

  /** Returns true if so many pushes are due to return that the store needs relief. */
  isBusy(now: number): boolean {
    for (const [key, last] of this.#last) if (last <= now) this.#last.delete(key);
    return this.#last.size > 0;
  }
}
