import type { Clock } from "./clock.ts";
import type { DeliverPush } from "./deliver-push.ts";
import type { GatewayEvents } from "./gateway-events.ts";
import { LeaseKeeper, type Hold } from "./lease-keeper.ts";
import type { Lease, PushStore } from "./push-store.ts";
import type { Sleep } from "./sleep.ts";
import type { WaitingRoom } from "./waiting-room.ts";

export interface DelivererDeps {
  readonly store: Pick<PushStore, "lease" | "renew" | "settle">;
  readonly deliverPush: DeliverPush;
  readonly events: GatewayEvents;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly waitingRoom: WaitingRoom;
  readonly limits: DelivererLimits;
}

export interface DelivererLimits {
  readonly leaseMs: number;
  /** Pushes worked on at once, those aside that wait for a retry; the others wait in the store. */
  readonly concurrency: number;
  /** The longest pause between two looks at the queue, where another worker may have left something. */
  readonly pollMs: number;
  /** How long a stop waits for attempts under way. */
  readonly graceMs: number;
}

const BATCH = 64;
const STORE_PAUSE_MS = 1_000;

/** Works on leased pushes: those just accepted, and those that fall due. */
export class Deliverer implements AsyncDisposable {
  readonly #deps: DelivererDeps;
  readonly #leases: LeaseKeeper;
  /** No new work. */
  readonly #stop = new AbortController();
  /** No waiting for attempts under way either. */
  readonly #abandon = new AbortController();
  readonly #loops: Promise<void>[] = [];
  #nextLook = { at: 0, early: new AbortController(), waitsForHands: false, isFixed: false };

  constructor(deps: DelivererDeps) {
    this.#deps = deps;
    this.#leases = new LeaseKeeper({ ...deps, leaseMs: deps.limits.leaseMs });
  }

  get inFlight(): number {
    return this.#leases.size;
  }

  get #handsFree(): number {
    const { waitingRoom, limits } = this.#deps;
    return limits.concurrency - Math.max(0, this.#leases.size - waitingRoom.size);
  }

  start(): void {
    this.#loops.push(this.#watchQueue(), this.#leases.run(this.#abandon.signal));
  }

  /** Starts on a push whose lease was asked for then; returns at once. One too many goes back to the queue. */
  deliver(lease: Lease, askedAt: number): void {
    const { clock } = this.#deps;
    const refuse = this.#stop.signal.aborted || this.#handsFree <= 0;
    const work = this.#leases.hold(lease, askedAt, (hold) => this.#work(lease, refuse, hold));
    // Not before the keeper has let go of it: a look that still counts it finds no hand free, and pauses.
    void work.then((dueAt) => this.#lookBefore(this.#nextLook.waitsForHands ? clock() : dueAt));
  }

  /** A push was cancelled: no further attempt of it starts here. Other workers learn it when they renew their leases. */
  abandon(pushId: string): void {
    this.#leases.abandon(pushId);
  }

  /** Never throws. Answers when the push falls due again, undefined where it does not or nobody knows. */
  async #work(lease: Lease, refuse: boolean, { lost, confirm }: Hold): Promise<number | undefined> {
    const { deliverPush, events } = this.#deps;
    try {
      return refuse
        ? await this.#handBack(lease)
        : await deliverPush(lease, AbortSignal.any([this.#abandon.signal, lost]), confirm);
    } catch (error) {
      events.unexpected("deliver a push", error);
      return undefined;
    }
  }

  async #handBack(lease: Lease): Promise<number> {
    const { store, events, clock } = this.#deps;
    const now = clock();
    try {
      await store.settle(lease, [], now);
    } catch (error) {
      // It comes back by itself when the lease runs out.
      events.storeFailed("hand a push back", error);
    }
    return now;
  }

  /** Brings the next look at the queue forward, if that is later than `dueAt`. */
  #lookBefore(dueAt: number | undefined): void {
    if (this.#nextLook.isFixed) return;
    if (dueAt !== undefined && dueAt < this.#nextLook.at) this.#nextLook.early.abort();
  }

  async #watchQueue(): Promise<void> {
    const { events, clock, sleep } = this.#deps;
    while (!this.#stop.signal.aborted) {
      const early = new AbortController();
      this.#nextLook = { at: Infinity, early, waitsForHands: false, isFixed: false };
      const waitMs = await this.#takeDue().catch((error: unknown) => {
        events.storeFailed("lease due pushes", error);
        return STORE_PAUSE_MS;
      });
      this.#nextLook.at = clock() + waitMs;
      if (waitMs > 0) await sleep(waitMs, AbortSignal.any([this.#stop.signal, early.signal]));
    }
  }

  /** Answers how long to wait for the next look. */
  async #takeDue(): Promise<number> {
    const { store, clock, waitingRoom, limits } = this.#deps;
    const capacity = Math.min(this.#handsFree, BATCH);
    if (capacity <= 0) {
      this.#nextLook.waitsForHands = true;
      return limits.pollMs;
    }
    // Most of what falls due then comes for a retry, and would have to go back at once: one batch now and then.
    this.#nextLook.isFixed = waitingRoom.isFull;
    const askedAt = clock();
    const { leases, nextDueAt } = await store.lease({ limit: capacity, leaseMs: limits.leaseMs });
    for (const lease of leases) this.deliver(lease, askedAt);
    if (this.#nextLook.isFixed) return limits.pollMs;
    if (leases.length === capacity) return 0;
    return Math.min(Math.max((nextDueAt ?? Infinity) - clock(), 1), limits.pollMs);
  }

  /** Lets attempts under way end for a while, then hands back what is open. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { sleep, limits } = this.#deps;
    this.#stop.abort();
    const graceOver = sleep(limits.graceMs, this.#abandon.signal);
    await Promise.race([this.#leases.settled(), graceOver]);
    this.#abandon.abort();
    // The loops first: a look that was under way may still bring pushes to hand back.
    await Promise.all(this.#loops);
    await this.#leases.settled();
  }
}
