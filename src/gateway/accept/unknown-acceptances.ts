import { isTerminal, type Push } from "../../push/push.ts";
import type { Clock } from "../clock.ts";
import type { GatewayEvents } from "../gateway-events.ts";
import type { Acceptance, Lease, PushStore } from "../push-store.ts";
import type { Sleep } from "../sleep.ts";

export interface UnknownAcceptancesDeps {
  readonly store: Pick<PushStore, "get" | "renew">;
  readonly deliver: (lease: Lease, askedAt: number) => void;
  readonly events: GatewayEvents;
  /** The store's. */
  readonly clock: Clock;
  readonly steady: Clock;
  readonly sleep: Sleep;
  readonly leaseMs: number;
}

interface Unknown {
  readonly id: string;
  readonly leaseToken: string;
  readonly dialect: string;
  readonly notedAt: number;
  /** The push is worked on here, or another worker has leased it. */
  isTakenUp: boolean;
}

/** Well within the rest of a lease. */
const LOOK_MS = 500;
/**
 * By then, commands that were under way when the gateway gave up have reached the store, and writes of a lost master
 * are gone.
 */
const CERTAIN_AFTER_MS = 10_000;
/** These pushes are only counted, so a store that is away for long must not fill the memory. */
const MAX_KEPT = 10_000;

/**
 * Pushes for which the store did not confirm the acceptance in time. A push that is found in the store while the lease
 * of its acceptance still holds is worked on at once; otherwise it would wait until the lease ran out. All pushes that
 * are found count as accepted: they are reported once they have ended, or if they still exist after a while.
 */
export class UnknownAcceptances implements AsyncDisposable {
  readonly #deps: UnknownAcceptancesDeps;
  readonly #stop = new AbortController();
  readonly #open = new Set<Unknown>();
  #looking: Promise<void> | undefined;

  constructor(deps: UnknownAcceptancesDeps) {
    this.#deps = deps;
  }

  note({ id, leaseToken }: Pick<Acceptance, "id" | "leaseToken">, dialect: string): void {
    if (this.#open.size >= MAX_KEPT) return;
    this.#open.add({ id, leaseToken, dialect, notedAt: this.#deps.steady(), isTakenUp: false });
    this.#looking ??= this.#lookUntilNoneIsOpen();
  }

  async #lookUntilNoneIsOpen(): Promise<void> {
    const { events, sleep } = this.#deps;
    while (this.#open.size > 0 && !this.#stop.signal.aborted) {
      await sleep(LOOK_MS, this.#stop.signal);
      try {
        await this.#look();
      } catch (error) {
        events.storeFailed("look for a push that may have been accepted", error);
      }
    }
    this.#looking = undefined;
  }

  /** Sequentially, so that a store that has just recovered is not asked for all of them at once. */
  async #look(): Promise<void> {
    const { store, events, steady } = this.#deps;
    for (const unknown of this.#open) {
      if (this.#stop.signal.aborted) return;
      const ageMs = steady() - unknown.notedAt;
      const push = await store.get(unknown.id);
      const hasEnded = push !== undefined && isTerminal(push.state);
      if (push !== undefined && !hasEnded) await this.#takeUp(unknown, push);
      if (!hasEnded && ageMs < CERTAIN_AFTER_MS) continue;
      this.#open.delete(unknown);
      if (push !== undefined && push.state !== "suppressed") events.accepted(push, unknown.dialect);
    }
  }

  /** Works on the push if nobody else has leased it since. If the store cannot say so, the next look tries again. */
  async #takeUp(unknown: Unknown, push: Push): Promise<void> {
    if (unknown.isTakenUp) return;
    const { store, deliver, clock, steady, leaseMs } = this.#deps;
    const { leaseToken: token } = unknown;
    const askedAt = steady();
    const { kept, lost } = await store.renew([{ push, token }], leaseMs);
    unknown.isTakenUp = kept.has(token) || lost.has(token);
    if (kept.has(token)) deliver({ push, token, endsAt: clock() + leaseMs }, askedAt);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#looking;
  }
}
