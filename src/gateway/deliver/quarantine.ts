import { setImmediate, setTimeout } from "node:timers/promises";
import type { GatewayEvents } from "../gateway-events.ts";
import type { BuildTurn } from "../push-provider.ts";
import type { Lease, PushStore } from "../push-store.ts";

export interface QuarantineDeps {
  readonly store: Pick<PushStore, "noteSuspicion">;
  readonly events: Pick<GatewayEvents, "storeFailed">;
}

/** The work on a push. It always returns the push's newest lease. */
export interface SuspectHold {
  readonly lease: Lease;
}

type Pause = (ms: number) => Promise<void>;

/** After this many lone deaths a push is not built again. */
export const LONE_DEATHS_UNTIL_POISON = 3;

/** After this time other builds no longer wait for a suspect. Only a slow store takes so long. */
const LONGEST_ALONE_MS = 250;
/** How often and for how long the word that a suspect survived is repeated if the store did not take it. */
const CLEARING = { tries: 600, pauseMs: 500 };

/**
 * Keeps a push that may kill its gateway from taking others with it, and finds out whether it does.
 *
 * A push whose gateway died or stalled is suspect, and so is everything that was in flight beside it. Building the
 * request is the only part of a delivery that depends on the push's content and that nothing can interrupt. A suspect's
 * request is therefore built alone, one suspect at a time: the store is told before that a death would be this push's
 * doing, every other build waits, and the store is told afterwards that the gateway survived. The network is never
 * awaited in that time, so new calls wait for two round trips to the store, and no longer than a fixed time.
 */
export class Quarantine {
  readonly #deps: QuarantineDeps;
  readonly #pause: Pause;
  /** Resolves when the suspect that is built alone has survived; undefined while none is built alone. */
  #alone: Promise<void> | undefined;
  #isBusy = false;
  /** Suspects that wait for their turn. */
  readonly #waiting: (() => void)[] = [];
  /** Work on pushes that have been built alone here and killed nothing. */
  readonly #survived = new WeakSet<SuspectHold>();

  /** The pushes that the store may have marked as alone because they are being built. */
  readonly #marked = new Set<SuspectHold>();

  constructor(deps: QuarantineDeps, pauseFor: Pause = (ms) => setTimeout(ms, undefined, { ref: false })) {
    this.#deps = deps;
    this.#pause = pauseFor;
  }

  turnOf(hold: SuspectHold): BuildTurn {
    return {
      run: (build) => (hold.lease.loneDeaths === undefined ? this.#runFree(build) : this.#runAlone(hold, build)),
    };
  }

  async #runFree<T>(build: () => T): Promise<T> {
    while (this.#alone !== undefined) await this.#alone;
    return build();
  }

  async #runAlone<T>(hold: SuspectHold, build: () => T): Promise<T> {
    await this.#awaitTurn();
    // Builds that waited before the suspect go first.
    await setImmediate();
    const release = this.#holdOthers();
    this.#marked.add(hold);
    try {
      await this.#note(hold, true);
      try {
        return build();
      } finally {
        this.#survived.add(hold);
        if (!(await this.#note(hold, false))) void this.#keepClearing(hold);
      }
    } finally {
      this.#marked.delete(hold);
      release();
      this.#passTurn();
    }
  }

  async #awaitTurn(): Promise<void> {
    if (this.#isBusy) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#isBusy = true;
  }

  /**
   * Any of those that wait may be next. In a fixed order the same push would be alone again whenever the next gateway
   * is killed after as long a time.
   */
  #passTurn(): void {
    const [next] = this.#waiting.splice(Math.floor(Math.random() * this.#waiting.length), 1);
    if (next === undefined) this.#isBusy = false;
    else next();
  }

  /** Makes other builds wait until the returned function is called, but for no longer than `LONGEST_ALONE_MS`. */
  #holdOthers(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#alone = promise;
    const release = () => {
      if (this.#alone === promise) this.#alone = undefined;
      resolve();
    };
    void this.#pause(LONGEST_ALONE_MS).then(release);
    return release;
  }

  /**
   * Returns whether the store took it. A failing store delays no push. Survival takes earlier deaths back: what kills a
   * gateway does so each time it is built.
   */
  async #note(hold: SuspectHold, isAlone: boolean): Promise<boolean> {
    const { lease } = hold;
    const loneDeaths = this.#survived.has(hold) ? 0 : (lease.loneDeaths ?? 0);
    try {
      await this.#deps.store.noteSuspicion(lease, { isAlone, loneDeaths });
      return true;
    } catch (error) {
      this.#deps.events.storeFailed("note a suspect push", error);
      return false;
    }
  }

  /**
   * Repeats that the suspect survived until the store takes it. A mark that an outage left behind would charge the
   * push with a death as soon as its lease expires and another gateway takes it over.
   */
  async #keepClearing(hold: SuspectHold): Promise<void> {
    for (let attempt = 0; attempt < CLEARING.tries; attempt += 1) {
      await this.#pause(CLEARING.pauseMs);
      // It is built once more: clearing the new mark is up to that build.
      if (this.#marked.has(hold)) return;
      if (await this.#note(hold, false)) return;
    }
  }
}
