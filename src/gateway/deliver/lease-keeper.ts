import type { Clock } from "../clock.ts";
import type { GatewayEvents } from "../gateway-events.ts";
import type { Lease, PushStore } from "../push-store.ts";
import type { Sleep } from "../sleep.ts";

export interface LeaseKeeperDeps {
  readonly store: Pick<PushStore, "renew">;
  readonly events: GatewayEvents;
  /** Never goes back (`createSteadyClock`), so that setting a clock cannot make a lease seem to last longer. */
  readonly steady: Clock;
  readonly sleep: Sleep;
  readonly leaseMs: number;
}

/** The lease on a push, as seen by the work on it. */
export interface Hold {
  /** The newest lease: the push may have come back under another one while the work continued. */
  readonly lease: Lease;
  /** Aborts when another worker has the push, when it has ended, and when a stop waits for attempts no longer. */
  readonly stop: AbortSignal;
  /**
   * Resolves when the lease is certainly held, or has been lost. Await it before anything that a second worker must not
   * do as well: a process that was stopped, or had no store, may have lost the lease without knowing.
   */
  readonly confirm: () => Promise<void>;
  /** Call before the push goes back to the queue. When it comes from there again, it is new work. */
  readonly letGo: () => void;
}

/**
 * Holds the leases of this worker and renews them while it lives. A lease may thus be short, so that a dead worker's
 * pushes are taken over soon, and an attempt long.
 */
export class LeaseKeeper {
  readonly #deps: LeaseKeeperDeps;
  readonly #held = new Set<HeldLease>();
  /** The latest hold of each push. */
  readonly #ofPush = new Map<string, HeldLease>();
  /** Ends the pause before the next renewal. */
  #early = new AbortController();
  #stopped = false;

  constructor(deps: LeaseKeeperDeps) {
    this.#deps = deps;
  }

  get size(): number {
    return this.#held.size;
  }

  /**
   * Holds the lease until the work on it has ended. `askedAt` (by the steady clock) counts as its start, because nobody
   * here knows when the store granted it.
   */
  hold<T>(lease: Lease, askedAt: number, work: (hold: Hold) => Promise<T>): Promise<T> {
    const held = new HeldLease(lease, askedAt + this.#deps.leaseMs, () => this.#confirm(held));
    this.#held.add(held);
    this.#ofPush.set(lease.push.id, held);
    const done = work(held).finally(() => this.#forget(held));
    held.done = done;
    return done;
  }

  /**
   * Gives a new lease to the work that already runs on the push, and returns its previous lease, or undefined if there
   * is no such work. While the store is away a lease may expire unnoticed, and the push come back from the queue. The
   * running work knows how its attempts ended; sending again would make the phone ring twice.
   */
  adopt(lease: Lease, askedAt: number): Lease | undefined {
    const held = this.#ofPush.get(lease.push.id);
    if (held === undefined || held.isOver || this.#stopped) return undefined;
    const before = held.lease;
    // The gateway is alive, so the expired lease says nothing against the push.
    held.lease = withDeaths(lease, before.loneDeaths);
    held.sureUntil = askedAt + this.#deps.leaseMs;
    held.release();
    return before;
  }

  /** Ends the work on a cancelled push. */
  abandon(pushId: string): void {
    for (const held of this.#held) if (held.lease.push.id === pushId) held.lose();
  }

  /** Ends the work on all pushes. */
  stopWork(): void {
    for (const held of this.#held) held.stopWork();
  }

  async settled(): Promise<void> {
    await Promise.all([...this.#held].map(({ done }) => done));
  }

  /** Renews leases until the signal aborts. Most pushes end within a quarter of their lease and are never renewed. */
  async run(signal: AbortSignal): Promise<void> {
    const { steady, sleep, leaseMs } = this.#deps;
    while (!signal.aborted) {
      const old = new Set(this.#held);
      this.#early = new AbortController();
      await sleep(leaseMs / 4, AbortSignal.any([signal, this.#early.signal]));
      const now = steady();
      const due = [...this.#held].filter((held) => old.has(held) || held.sureUntil <= now);
      if (!signal.aborted && due.length > 0) await this.#renew(due);
    }
    this.#stopped = true;
    for (const held of this.#held) held.release();
  }

  #forget(held: HeldLease): void {
    this.#held.delete(held);
    const { id } = held.lease.push;
    if (this.#ofPush.get(id) === held) this.#ofPush.delete(id);
  }

  async #confirm(held: HeldLease): Promise<void> {
    while (!this.#stopped && !held.isLost && held.sureUntil <= this.#deps.steady()) {
      const { promise, resolve } = Promise.withResolvers<void>();
      held.waiting.push(resolve);
      this.#early.abort();
      await promise;
    }
  }

  async #renew(due: readonly HeldLease[]): Promise<void> {
    const { store, events, steady, leaseMs } = this.#deps;
    const askedAt = steady();
    try {
      const renewals = due.map((held) => ({ held, lease: held.lease }));
      const { kept, lost, failure } = await store.renew(
        renewals.map(({ lease }) => lease),
        leaseMs,
      );
      for (const { held, lease } of renewals) {
        // The push was adopted meanwhile.
        if (held.lease !== lease) continue;
        if (lost.has(lease.token)) held.lose();
        // A lease of unknown state waits for the next renewal.
        if (!kept.has(lease.token)) continue;
        held.sureUntil = askedAt + leaseMs;
        held.release();
      }
      if (failure !== undefined) events.storeFailed("renew leases", failure);
    } catch (error) {
      events.storeFailed("renew leases", error);
    }
  }
}

function withDeaths({ loneDeaths: _counted, ...lease }: Lease, loneDeaths: number | undefined): Lease {
  return loneDeaths === undefined ? lease : { ...lease, loneDeaths };
}

class HeldLease implements Hold {
  lease: Lease;
  /** By the steady clock, counted from before each request. The store cannot have ended the lease earlier. */
  sureUntil: number;
  /** Work that waits until `sureUntil` is in the future again. */
  readonly waiting: (() => void)[] = [];
  readonly confirm: () => Promise<void>;
  done: Promise<unknown> = Promise.resolve();
  readonly #stop = new AbortController();
  #isLost = false;
  #isLetGo = false;

  constructor(lease: Lease, sureUntil: number, confirm: () => Promise<void>) {
    this.lease = lease;
    this.sureUntil = sureUntil;
    this.confirm = confirm;
  }

  get stop(): AbortSignal {
    return this.#stop.signal;
  }

  get isLost(): boolean {
    return this.#isLost;
  }

  get isOver(): boolean {
    return this.#isLetGo || this.#isLost;
  }

  letGo = (): void => {
    this.#isLetGo = true;
  };

  lose(): void {
    this.#isLost = true;
    this.stopWork();
    this.release();
  }

  stopWork(): void {
    this.#stop.abort();
  }

  release(): void {
    for (const resume of this.waiting.splice(0)) resume();
  }
}
