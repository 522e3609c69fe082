import type { Clock } from "../clock.ts";
import type { GatewayEvents } from "../gateway-events.ts";
import type { Lease, PushStore } from "../push-store.ts";
import type { Sleep } from "../sleep.ts";

export interface LeaseKeeperDeps {
  readonly store: Pick<PushStore, "renew">;
  readonly events: GatewayEvents;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly leaseMs: number;
}

/** What the work on a leased push may rely on. */
export interface Hold {
  /** Aborts when the push is somebody else's, or has ended. */
  readonly lost: AbortSignal;
  /**
   * Resolves when the lease is certainly held, or has been lost: to be awaited before anything that a second worker must not do
   * as well. A process that stood still, or had no store, may have lost it without knowing.
   */
  readonly confirm: () => Promise<void>;
}

/**
 * Holds the leases that this worker works on and prolongs them while it lives, so that a lease may be short (a dead
 * worker's pushes are taken over when it ends) and an attempt long.
 */
export class LeaseKeeper {
  readonly #deps: LeaseKeeperDeps;
  readonly #held = new Map<string, Held>();
  /** Ends the pause before the next renewal. */
  #early = new AbortController();
  #stopped = false;

  constructor(deps: LeaseKeeperDeps) {
    this.#deps = deps;
  }

  get size(): number {
    return this.#held.size;
  }

  /** Holds the lease until the work on it has ended. It counts from `askedAt`: when the store granted it nobody here knows. */
  hold<T>(lease: Lease, askedAt: number, work: (hold: Hold) => Promise<T>): Promise<T> {
    const lost = new AbortController();
    const sureUntil = askedAt + this.#deps.leaseMs;
    const held: Held = { lease, lost, sureUntil, waiting: [], done: Promise.resolve() };
    this.#held.set(lease.token, held);
    const confirm = () => this.#confirm(held);
    const done = work({ lost: lost.signal, confirm }).finally(() => this.#held.delete(lease.token));
    held.done = done;
    return done;
  }

  /** Ends the work on a push that has been cancelled. */
  abandon(pushId: string): void {
    for (const held of this.#held.values()) if (held.lease.push.id === pushId) lose(held);
  }

  async settled(): Promise<void> {
    await Promise.all([...this.#held.values()].map(({ done }) => done));
  }

  /** Most pushes end within a quarter of their lease and are never renewed. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, sleep, leaseMs } = this.#deps;
    while (!signal.aborted) {
      const old = new Set(this.#held.values());
      this.#early = new AbortController();
      await sleep(leaseMs / 4, AbortSignal.any([signal, this.#early.signal]));
      const now = clock();
      const due = [...this.#held.values()].filter((held) => old.has(held) || held.sureUntil <= now);
      if (!signal.aborted && due.length > 0) await this.#renew(due);
    }
    this.#stopped = true;
    for (const held of this.#held.values()) release(held);
  }

  async #confirm(held: Held): Promise<void> {
    while (!this.#stopped && !held.lost.signal.aborted && held.sureUntil <= this.#deps.clock()) {
      const { promise, resolve } = Promise.withResolvers<void>();
      held.waiting.push(resolve);
      this.#early.abort();
      await promise;
    }
  }

  async #renew(due: readonly Held[]): Promise<void> {
    const { store, events, clock, leaseMs } = this.#deps;
    const askedAt = clock();
    try {
      const leases = due.map(({ lease }) => lease);
      const lost = await store.renew(leases, leaseMs);
      for (const held of due) {
        if (lost.has(held.lease.token)) lose(held);
        else held.sureUntil = askedAt + leaseMs;
        release(held);
      }
    } catch (error) {
      events.storeFailed("renew leases", error);
    }
  }
}

interface Held {
  readonly lease: Lease;
  readonly lost: AbortController;
  /** By this process's clock, counted from before each request: the store cannot have ended the lease earlier. */
  sureUntil: number;
  /** Work that may not go on before that is in the future again. */
  readonly waiting: (() => void)[];
  done: Promise<unknown>;
}

function lose(held: Held): void {
  held.lost.abort();
  release(held);
}

function release({ waiting }: Held): void {
  for (const resume of waiting.splice(0)) resume();
}
