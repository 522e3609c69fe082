import { setImmediate } from "node:timers/promises";
import type { Clock } from "../clock.ts";
import type { DeliverPush } from "./deliver-push.ts";
import type { GatewayEvents } from "../gateway-events.ts";
import { LeaseKeeper, type Hold } from "./lease-keeper.ts";
import type { Lease, PushStore } from "../push-store.ts";
import type { Sleep } from "../sleep.ts";
import type { DeliverySlots } from "./delivery-slots.ts";

export interface DelivererDeps {
  readonly store: Pick<PushStore, "lease" | "renew" | "settle" | "noteSuspicion">;
  readonly deliverPush: DeliverPush;
  readonly events: GatewayEvents;
  /** The store's clock, which decides when pushes are due. */
  readonly clock: Clock;
  /** The clock by which leases are certain (`createSteadyClock`). */
  readonly steady: Clock;
  readonly sleep: Sleep;
  readonly slots: Pick<DeliverySlots, "freeSlots" | "isCrowded" | "admits" | "requeueAt">;
  readonly limits: DelivererLimits;
}

export interface DelivererLimits {
  readonly leaseMs: number;
  /** Longest pause between two polls of the queue, in which another worker may have left something. */
  readonly pollMs: number;
  /** How long a stop waits for attempts in flight. */
  readonly graceMs: number;
}

const BATCH = 64;
const STORE_PAUSE_MS = 1_000;
/**
 * Pause between two batches that would mostly be requeued. It relieves the store, and finds other apps' pushes among
 * them.
 */
const CROWDED_PAUSE_MS = 50;

/** Delivers leased pushes: new ones, and those that fall due. */
export class Deliverer implements AsyncDisposable {
  readonly #deps: DelivererDeps;
  readonly #leases: LeaseKeeper;
  /** Aborted when no new work may start. */
  readonly #stop = new AbortController();
  /** Aborted when attempts in flight are no longer waited for. */
  readonly #abandon = new AbortController();
  readonly #loops: Promise<void>[] = [];
  #nextLook = { at: 0, early: new AbortController(), waitsForSlots: false, isFixed: false };

  constructor(deps: DelivererDeps) {
    this.#deps = deps;
    this.#leases = new LeaseKeeper({ ...deps, leaseMs: deps.limits.leaseMs });
  }

  get inFlight(): number {
    return this.#leases.size;
  }

  start(): void {
    this.#loops.push(this.#watchQueue(), this.#leases.run(this.#abandon.signal));
  }

  /**
   * Starts on a push, and returns at once. `askedAt` is when its lease was requested, by the steady clock. A push
   * without a slot goes back to the queue.
   */
  deliver(lease: Lease, askedAt: number): void {
    const { clock } = this.#deps;
    const backAt = this.#refuse(lease);
    const work = this.#leases.hold(lease, askedAt, (hold) =>
      backAt === undefined ? this.#work(hold) : this.#handBack(hold, backAt),
    );
    // After the keeper has released the push: a poll that still counts it would find no slot free, and pause.
    void work.then((dueAt) => this.#lookBefore(this.#nextLook.waitsForSlots ? clock() : dueAt));
  }

  /** Starts no further attempt of a cancelled push. Other workers learn of it when they renew their leases. */
  abandon(pushId: string): void {
    this.#leases.abandon(pushId);
  }

  /** Returns when the push may be tried again if it must go back to the queue, or undefined if it can be worked on. */
  #refuse({ push }: Lease): number | undefined {
    const { slots, clock } = this.#deps;
    // The next poll waits for a slot, or is another worker's.
    if (this.#stop.signal.aborted || slots.freeSlots <= 0) return clock();
    return slots.admits(push) ? undefined : slots.requeueAt(push);
  }

  /** Returns when the push is due again, or undefined if it is not or that is unknown. Never throws. */
  async #work(hold: Hold): Promise<number | undefined> {
    const { deliverPush, events } = this.#deps;
    try {
      return await deliverPush(hold, hold.stop);
    } catch (error) {
      events.unexpected("deliver a push", error);
      return undefined;
    }
  }

  async #handBack({ lease, letGo }: Hold, at: number): Promise<number> {
    const { store, events } = this.#deps;
    letGo();
    try {
      const { kind } = await store.settle(lease, [], at);
      if (kind === "gone") events.lostByStore(lease.push.id);
    } catch (error) {
      // The push comes back by itself when its lease expires.
      events.storeFailed("hand a push back", error);
    }
    return at;
  }

  /** Clears a push of suspicion: it came back while its work continued here, so it has killed no gateway. */
  async #acquit(lease: Lease, loneDeaths: number | undefined): Promise<void> {
    const { store, events } = this.#deps;
    try {
      await store.noteSuspicion(lease, { isAlone: false, loneDeaths });
    } catch (error) {
      events.storeFailed("note a suspect push", error);
    }
  }

  /** Brings the next poll forward to `dueAt` if that is earlier. */
  #lookBefore(dueAt: number | undefined): void {
    if (this.#nextLook.isFixed) return;
    if (dueAt !== undefined && dueAt < this.#nextLook.at) this.#nextLook.early.abort();
  }

  async #watchQueue(): Promise<void> {
    const { events, clock, sleep } = this.#deps;
    while (!this.#stop.signal.aborted) {
      const early = new AbortController();
      this.#nextLook = { at: Infinity, early, waitsForSlots: false, isFixed: false };
      const waitMs = await this.#takeDue().catch((error: unknown) => {
        events.storeFailed("lease due pushes", error);
        return STORE_PAUSE_MS;
      });
      this.#nextLook.at = clock() + waitMs;
      // Pushes that were requeued during a crowded poll must not bring the next one forward.
      const ends = this.#nextLook.isFixed ? [this.#stop.signal] : [this.#stop.signal, early.signal];
      if (waitMs > 0) await sleep(waitMs, AbortSignal.any(ends));
    }
  }

  /** Polls the queue once, and returns how long to wait before the next poll. */
  async #takeDue(): Promise<number> {
    const { store, clock, steady, slots, limits } = this.#deps;
    const capacity = Math.min(slots.freeSlots, BATCH);
    if (capacity <= 0) {
      this.#nextLook.waitsForSlots = true;
      return limits.pollMs;
    }
    const askedAt = steady();
    const { leases, nextDueAt } = await store.lease({ limit: capacity, leaseMs: limits.leaseMs });
    for (const lease of leases) {
      const before = this.#leases.adopt(lease, askedAt);
      if (before === undefined) this.deliver(lease, askedAt);
      else if (lease.loneDeaths !== before.loneDeaths) void this.#acquit(lease, before.loneDeaths);
    }
    // By then pushes without a slot have been requeued.
    await setImmediate();
    this.#nextLook.isFixed = slots.isCrowded;
    if (this.#nextLook.isFixed) return CROWDED_PAUSE_MS;
    if (leases.length === capacity) return 0;
    return Math.min(Math.max((nextDueAt ?? Infinity) - clock(), 1), limits.pollMs);
  }

  /** Waits for attempts in flight up to the grace period, then hands back open pushes. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { sleep, limits } = this.#deps;
    this.#stop.abort();
    const graceOver = sleep(limits.graceMs, this.#abandon.signal);
    await Promise.race([this.#leases.settled(), graceOver]);
    this.#abandon.abort();
    this.#leases.stopWork();
    // Waits for the loops first, because a poll in progress may still bring pushes to hand back.
    await Promise.all(this.#loops);
    await this.#leases.settled();
  }
}
