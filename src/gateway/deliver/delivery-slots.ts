import { domainOf } from "../../push/address.ts";
import { isAboutCall, isTerminal, type Delivery, type Push } from "../../push/push.ts";
import { RequeuePacer } from "../../push/requeue-pacer.ts";
import { FairShare, type SlotOwner } from "../../push/fair-share.ts";
import type { Clock } from "../clock.ts";
import type { FindProvider } from "../push-provider.ts";

export interface DeliverySlotsDeps {
  /** In-flight slots: deliveries worked on at once. */
  readonly inFlight: number;
  /** Retry slots: deliveries that wait for a retry while the worker keeps the lease. */
  readonly retries: number;
  readonly findProvider: FindProvider;
  readonly clock: Clock;
}

/** A delivery's slot. It begins as an in-flight slot. */
export interface DeliverySlot {
  /**
   * Frees the in-flight slot while waiting to retry. Returns when to requeue if no retry slot is free, otherwise
   * undefined.
   */
  wait(work: () => Promise<void>): Promise<number | undefined>;
  leave(): void;
}

/**
 * A worker's slots: in-flight slots, and retry slots for deliveries that wait for a retry. Both are shared fairly among
 * the apps, so that an app whose provider is slow or away never has all of them, and another app's new call finds a
 * slot.
 */
export class DeliverySlots {
  readonly #inFlight: FairShare;
  readonly #retries: FairShare;
  readonly #pacer = new RequeuePacer();
  readonly #findProvider: FindProvider;
  readonly #clock: Clock;

  constructor({ inFlight, retries, findProvider, clock }: DeliverySlotsDeps) {
    this.#inFlight = new FairShare(inFlight);
    this.#retries = new FairShare(retries);
    this.#findProvider = findProvider;
    this.#clock = clock;
  }

  get freeSlots(): number {
    return this.#inFlight.free;
  }

  /** True if so few slots are free that most of the queue's pushes would have to go back at once. */
  get isCrowded(): boolean {
    return this.#pacer.isBusy(this.#clock());
  }

  /** Returns true if at least one of the phones finds a slot. The others must not delay it. */
  admits(push: Push): boolean {
    const open = push.deliveries.filter(({ state }) => !isTerminal(state));
    return open.length === 0 || open.some((delivery) => this.#inFlight.admits(this.#ownerOf(push, delivery)));
  }

  /** Returns when a push without a slot may leave the queue again. */
  requeueAt(push: Push): number {
    const open = push.deliveries.find(({ state }) => !isTerminal(state));
    const now = this.#clock();
    return open === undefined ? now : this.#pacer.next(this.#ownerOf(push, open), now);
  }

  enter(push: Push, delivery: Delivery): DeliverySlot {
    const owner = this.#ownerOf(push, delivery);
    this.#inFlight.take(owner);
    return {
      leave: () => this.#inFlight.give(owner),
      wait: async (work) => {
        if (!this.#retries.admits(owner)) return this.#pacer.next(owner, this.#clock());
        this.#inFlight.give(owner);
        this.#retries.take(owner);
        try {
          await work();
        } finally {
          this.#retries.give(owner);
          this.#inFlight.take(owner);
        }
        return undefined;
      },
    };
  }

  #ownerOf({ request }: Push, { provider }: Delivery): SlotOwner {
    const domain = domainOf(request.callee);
    // The configuration may change or remove the app; a owner keeps its app until its slot is given back.
    const app = this.#findProvider(domain, provider)?.app ?? provider;
    return { app, domain, isCall: isAboutCall(request) };
  }
}
