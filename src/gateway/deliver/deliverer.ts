import { setImmediate } from "node:timers/promises";
import type { Clock } from "../clock.ts";
import type { DeliverPush } from "./deliver-push.ts";
import type { GatewayEvents } from "../gateway-events.ts";
import { LeaseKeeper, type Hold } from "./lease-keeper.ts";
import type { Lease, PushStore } from "../push-store.ts";
import type { Sleep } from "../sleep.ts";
import type { Workplace } from "./workplace.ts";

export interface DelivererDeps {
  readonly store: Pick<PushStore, "lease" | "renew" | "settle" | "noteSuspicion">;
  readonly deliverPush: DeliverPush;
  readonly events: GatewayEvents;
  /** The store's: by it pushes fall due. */
  readonly clock: Clock;
  /** By it leases are sure (`createSteadyClock`). */
  readonly steady: Clock;
  readonly sleep: Sleep;
  readonly workplace: Pick<Workplace, "handsFree" | "isCrowded" | "admits" | "comeBackAt">;
  readonly limits: DelivererLimits;
}

export interface DelivererLimits {
  readonly leaseMs: number;
  /** The longest pause between two looks at the queue, where another worker may have left something. */
  readonly pollMs: number;
  /** How long a stop waits for attempts under way. */
  readonly graceMs: number;
}

const BATCH = 64;
const STORE_PAUSE_MS = 1_000;
/** Between two batches of which most would have to go back: others' pushes are found among them, and the store is spared. */
const CROWDED_PAUSE_MS = 50;

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

  start(): void {
    this.#loops.push(this.#watchQueue(), this.#leases.run(this.#abandon.signal));
  }

  /** Starts on a push whose lease was asked for then (by the steady clock); returns at once. One too many goes back to the queue. */
  deliver(lease: Lease, askedAt: number): void {
    const { clock } = this.#deps;
    const backAt = this.#refuse(lease);
    const work = this.#leases.hold(lease, askedAt, (hold) =>
      backAt === undefined ? this.#work(hold) : this.#handBack(hold, backAt),
    );
    // Not before the keeper has let go of it: a look that still counts it finds no hand free, and pauses.
    void work.then((dueAt) => this.#lookBefore(this.#nextLook.waitsForHands ? clock() : dueAt));
  }

  /** A push was cancelled: no further attempt of it starts here. Other workers learn it when they renew their leases. */
  abandon(pushId: string): void {
    this.#leases.abandon(pushId);
  }

  /** Until when it has to go back to the queue; undefined where it can be worked on. */
  #refuse({ push }: Lease): number | undefined {
    const { workplace, clock } = this.#deps;
    // The next look waits for a hand, or is another worker's.
    if (this.#stop.signal.aborted || workplace.handsFree <= 0) return clock();
    return workplace.admits(push) ? undefined : workplace.comeBackAt(push);
  }

  /** Never throws. Answers when the push falls due again, undefined where it does not or nobody knows. */
  async #work(hold: Hold): Promise<number | undefined> {
    const { deliverPush, events } = this.#deps;
    try {
      return await deliverPush(hold, AbortSignal.any([this.#abandon.signal, hold.lost]));
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
      // It comes back by itself when the lease runs out.
      events.storeFailed("hand a push back", error);
    }
    return at;
  }

  /** The push came back while its work went on here: nobody has died of it. */
  async #acquit(lease: Lease, loneDeaths: number | undefined): Promise<void> {
    const { store, events } = this.#deps;
    try {
      await store.noteSuspicion(lease, { isAlone: false, loneDeaths });
    } catch (error) {
      events.storeFailed("note a suspect push", error);
    }
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
      // What went back from a crowded place during the look must not bring the next one forward.
      const ends = this.#nextLook.isFixed ? [this.#stop.signal] : [this.#stop.signal, early.signal];
      if (waitMs > 0) await sleep(waitMs, AbortSignal.any(ends));
    }
  }

  /** Answers how long to wait for the next look. */
  async #takeDue(): Promise<number> {
    const { store, clock, steady, workplace, limits } = this.#deps;
    const capacity = Math.min(workplace.handsFree, BATCH);
    if (capacity <= 0) {
      this.#nextLook.waitsForHands = true;
      return limits.pollMs;
    }
    const askedAt = steady();
    const { leases, nextDueAt } = await store.lease({ limit: capacity, leaseMs: limits.leaseMs });
    for (const lease of leases) {
      const before = this.#leases.adopt(lease, askedAt);
      if (before === undefined) this.deliver(lease, askedAt);
      else if (lease.loneDeaths !== before.loneDeaths) void this.#acquit(lease, before.loneDeaths);
    }
    // By then those have gone back for which there is no place.
    await setImmediate();
    this.#nextLook.isFixed = workplace.isCrowded;
    if (this.#nextLook.isFixed) return CROWDED_PAUSE_MS;
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
