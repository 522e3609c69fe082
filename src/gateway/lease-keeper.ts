import type { GatewayEvents } from "./gateway-events.ts";
import type { Lease, PushStore } from "./push-store.ts";
import type { Sleep } from "./sleep.ts";

export interface LeaseKeeperDeps {
  readonly store: Pick<PushStore, "renew">;
  readonly events: GatewayEvents;
  readonly sleep: Sleep;
  readonly leaseMs: number;
}

/**
 * Holds the leases that this worker works on and prolongs them while it lives, so that a lease may be short (a dead
 * worker's pushes are taken over when it ends) and an attempt long.
 */
export class LeaseKeeper {
  readonly #deps: LeaseKeeperDeps;
  readonly #held = new Map<string, Held>();

  constructor(deps: LeaseKeeperDeps) {
    this.#deps = deps;
  }

  get size(): number {
    return this.#held.size;
  }

  /** Holds the lease until the work on it has ended. `lost` aborts when the push is somebody else's, or has ended. */
  hold<T>(lease: Lease, work: (lost: AbortSignal) => Promise<T>): Promise<T> {
    const lost = new AbortController();
    const done = work(lost.signal).finally(() => this.#held.delete(lease.token));
    this.#held.set(lease.token, { lease, lost, done });
    return done;
  }

  /** Ends the work on a push that has been cancelled. */
  abandon(pushId: string): void {
    for (const { lease, lost } of this.#held.values()) if (lease.push.id === pushId) lost.abort();
  }

  async settled(): Promise<void> {
    await Promise.all([...this.#held.values()].map(({ done }) => done));
  }

  /** Most pushes end within a quarter of their lease and are never renewed. */
  async run(signal: AbortSignal): Promise<void> {
    const { store, events, sleep, leaseMs } = this.#deps;
    while (!signal.aborted) {
      const old = [...this.#held.values()].map(({ lease }) => lease);
      await sleep(leaseMs / 4, signal);
      const leases = old.filter(({ token }) => this.#held.has(token));
      if (signal.aborted || leases.length === 0) continue;
      try {
        for (const token of await store.renew(leases, leaseMs)) this.#held.get(token)?.lost.abort();
      } catch (error) {
        events.storeFailed("renew leases", error);
      }
    }
  }
}

interface Held {
  readonly lease: Lease;
  readonly lost: AbortController;
  readonly done: Promise<unknown>;
}
