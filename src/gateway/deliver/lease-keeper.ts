import type { Clock } from "../clock.ts";
import type { GatewayEvents } from "../gateway-events.ts";
import type { Lease, PushStore } from "../push-store.ts";
import type { Sleep } from "../sleep.ts";

export interface LeaseKeeperDeps {
  readonly store: Pick<PushStore, "renew">;
  readonly events: GatewayEvents;
  /** Never goes back (`createSteadyClock`): a lease must not seem to last longer because somebody sets the clock. */
  readonly steady: Clock;
  readonly sleep: Sleep;
  readonly leaseMs: number;
}

/** What the work on a leased push may rely on. */
export interface Hold {
  /** The newest: the push may have come back under another one while the work went on. */
  readonly lease: Lease;
  /** Aborts when the push is somebody else's, or has ended. */
  readonly lost: AbortSignal;
  /**
   * Resolves when the lease is certainly held, or has been lost: to be awaited before anything that a second worker must not do
   * as well. A process that stood still, or had no store, may have lost it without knowing.
   */
  readonly confirm: () => Promise<void>;
  /** The push is about to go back to the queue: when it comes from there again it is new work. */
  readonly letGo: () => void;
}

/**
 * Holds the leases that this worker works on and prolongs them while it lives, so that a lease may be short (a dead
 * worker's pushes are taken over when it ends) and an attempt long.
 */
export class LeaseKeeper {
  readonly #deps: LeaseKeeperDeps;
  readonly #held = new Set<Held>();
  /** The last that was held of each push. */
  readonly #ofPush = new Map<string, Held>();
  /** Ends the pause before the next renewal. */
  #early = new AbortController();
  #stopped = false;

  constructor(deps: LeaseKeeperDeps) {
    this.#deps = deps;
  }

  get size(): number {
    return this.#held.size;
  }

  /** Holds the lease until the work on it has ended. It counts from `askedAt` (by the steady clock): when the store granted it nobody here knows. */
  hold<T>(lease: Lease, askedAt: number, work: (hold: Hold) => Promise<T>): Promise<T> {
    const held = new Held(lease, askedAt + this.#deps.leaseMs, () => this.#confirm(held));
    this.#held.add(held);
    this.#ofPush.set(lease.push.id, held);
    const done = work(held).finally(() => this.#forget(held));
    held.done = done;
    return done;
  }

  /**
   * A lease may run out unnoticed where the store is away, and the push come back from the queue while the work on it goes on here. Then that
   * work, which knows how its attempts ended, gets the new lease: sending again would make the phone ring twice. Returns the lease that the work had, or undefined if there is no such work.
   */
  adopt(lease: Lease, askedAt: number): Lease | undefined {
    const held = this.#ofPush.get(lease.push.id);
    if (held === undefined || held.isOver || this.#stopped) return undefined;
    const before = held.lease;
    // Its gateway lives: that it came back says nothing against the push.
    held.lease = withDeaths(lease, before.loneDeaths);
    held.sureUntil = askedAt + this.#deps.leaseMs;
    held.release();
    return before;
  }

  /** Ends the work on a push that has been cancelled. */
  abandon(pushId: string): void {
    for (const held of this.#held) if (held.lease.push.id === pushId) held.lose();
  }

  async settled(): Promise<void> {
    await Promise.all([...this.#held].map(({ done }) => done));
  }

  /** Most pushes end within a quarter of their lease and are never renewed. */
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

  #forget(held: Held): void {
    this.#held.delete(held);
    const { id } = held.lease.push;
    if (this.#ofPush.get(id) === held) this.#ofPush.delete(id);
  }

  async #confirm(held: Held): Promise<void> {
    while (!this.#stopped && !held.lost.aborted && held.sureUntil <= this.#deps.steady()) {
      const { promise, resolve } = Promise.withResolvers<void>();
      held.waiting.push(resolve);
      this.#early.abort();
      await promise;
    }
  }

  async #renew(due: readonly Held[]): Promise<void> {
    const { store, events, steady, leaseMs } = this.#deps;
    const askedAt = steady();
    try {
      const renewals = due.map((held) => ({ held, lease: held.lease }));
      const { kept, lost, failure } = await store.renew(
        renewals.map(({ lease }) => lease),
        leaseMs,
      );
      for (const { held, lease } of renewals) {
        // Adopted meanwhile.
        if (held.lease !== lease) continue;
        if (lost.has(lease.token)) held.lose();
        // What nobody could say anything about waits on.
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

class Held implements Hold {
  lease: Lease;
  /** By the steady clock, counted from before each request: the store cannot have ended the lease earlier. */
  sureUntil: number;
  /** Work that may not go on before that is in the future again. */
  readonly waiting: (() => void)[] = [];
  readonly confirm: () => Promise<void>;
  done: Promise<unknown> = Promise.resolve();
  readonly #lost = new AbortController();
  #isLetGo = false;

  constructor(lease: Lease, sureUntil: number, confirm: () => Promise<void>) {
    this.lease = lease;
    this.sureUntil = sureUntil;
    this.confirm = confirm;
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  get isOver(): boolean {
    return this.#isLetGo || this.#lost.signal.aborted;
  }

  letGo = (): void => {
    this.#isLetGo = true;
  };

  lose(): void {
    this.#lost.abort();
    this.release();
  }

  release(): void {
    for (const resume of this.waiting.splice(0)) resume();
  }
}
