import { domainOf } from "../../push/address.ts";
import { isAboutCall, isTerminal, type Delivery, type Push } from "../../push/push.ts";
import { ReturnLine } from "../../push/return-line.ts";
import { Shares, type Claim } from "../../push/shares.ts";
import type { Clock } from "../clock.ts";
import type { FindProvider } from "../push-provider.ts";

export interface WorkplaceDeps {
  /** Deliveries that are worked on at once. */
  readonly hands: number;
  /** Deliveries that wait at once for a retry with the lease in hand. */
  readonly seats: number;
  readonly findProvider: FindProvider;
  readonly clock: Clock;
}

/** A delivery's place, for as long as the worker has it. It begins with a hand. */
export interface Place {
  /**
   * Waits on a seat, with the hand free for another. Where there is no seat for it the delivery has to go back to the queue: answers until
   * when.
   */
  wait(work: () => Promise<void>): Promise<number | undefined>;
  leave(): void;
}

/**
 * What a worker can do at once: hands for what is under way, and seats for retries that wait, which need no hand. Both are shared out among
 * the apps, so that one whose provider is slow or away never has all of them, and another's fresh call finds a hand free.
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

  /** So many find no place that most of what the queue has would have to go back at once. */
  get isCrowded(): boolean {
    return this.#line.isBusy(this.#clock());
  }

  /** Whether there is a hand for one of the phones at least; the others must not keep it waiting. */
  admits(push: Push): boolean {
    const open = push.deliveries.filter(({ state }) => !isTerminal(state));
    return open.length === 0 || open.some((delivery) => this.#hands.admits(this.#claimOf(push, delivery)));
  }

  /** Until when a push that found no hand has to go back to the queue. */
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
    // The app may change with the configuration, or go; a claim that was taken stays the same until it is given back.
    const app = this.#findProvider(domain, provider)?.app ?? provider;
    return { app, domain, isCall: isAboutCall(request) };
  }
}
