import { domainOf } from "../../push/address.ts";
import { isAboutCall, isTerminal, type Delivery, type Push } from "../../push/push.ts";
import { ReturnLine } from "../../push/return-line.ts";
import { Shares, type Claim } from "../../push/shares.ts";
import type { Clock } from "../clock.ts";
import type { FindProvider } from "../push-provider.ts";

export interface WorkplaceDeps {
  /** In-flight slots: deliveries worked on at once. */
  readonly hands: number;
  /** Retry slots: deliveries that wait for a retry while the worker keeps the lease. */
  readonly seats: number;
  readonly findProvider: FindProvider;
  readonly clock: Clock;
}

/** A delivery's slot. It begins as an in-flight slot. */
export interface Place {
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
export class Workplace {
  readonly #hands: Shares;
  readonly #seats: Shares;
  readonly #line = new ReturnLine();
  readonly #findProvider: FindProvider;
  readonly #clock: Clock;

  constructor({ hands, seats, findProvider, clock }: WorkplaceDeps) {
    this.#hands = new Shares(hands);
    this.#seats = new Shares(seats);
    this.#findProvider = findProvider;
    this.#clock = clock;
  }

  get handsFree(): number {
    return this.#hands.free;
  }

  /** True if so few slots are free that most of the queue's pushes would have to go back at once. */
  get isCrowded(): boolean {
    return this.#line.isBusy(this.#clock());
  }

  /** Returns true if at least one of the phones finds a slot. The others must not delay it. */
  admits(push: Push): boolean {
    const open = push.deliveries.filter(({ state }) => !isTerminal(state));
    return open.length === 0 || open.some((delivery) => this.#hands.admits(this.#claimOf(push, delivery)));
  }

  /** Returns when a push without a slot may leave the queue again. */
  comeBackAt(push: Push): number {
    const open = push.deliveries.find(({ state }) => !isTerminal(state));
    const now = this.#clock();
    return open === undefined ? now : this.#line.next(this.#claimOf(push, open), now);
  }

  enter(push: Push, delivery: Delivery): Place {
    const claim = this.#claimOf(push, delivery);
    this.#hands.take(claim);
    return {
      leave: () => this.#hands.give(claim),
      wait: async (work) => {
        if (!this.#seats.admits(claim)) return this.#line.next(claim, this.#clock());
        this.#hands.give(claim);
        this.#seats.take(claim);
        try {
          await work();
        } finally {
          this.#seats.give(claim);
          this.#hands.take(claim);
        }
        return undefined;
      },
    };
  }

  #claimOf({ request }: Push, { provider }: Delivery): Claim {
    const domain = domainOf(request.callee);
    // The configuration may change or remove the app; a claim keeps its app until its slot is given back.
    const app = this.#findProvider(domain, provider)?.app ?? provider;
    return { app, domain, isCall: isAboutCall(request) };
  }
}
