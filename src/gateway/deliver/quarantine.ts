import { setImmediate } from "node:timers/promises";
import type { GatewayEvents } from "../gateway-events.ts";
import type { BuildTurn } from "../push-provider.ts";
import type { Lease, PushStore } from "../push-store.ts";

export interface QuarantineDeps {
  readonly store: Pick<PushStore, "noteSuspicion">;
  readonly events: Pick<GatewayEvents, "storeFailed">;
}

/** After this many lone deaths a push is not built again. */
export const LONE_DEATHS_UNTIL_POISON = 3;

/**
 * Keeps a push that may kill its gateway from taking others with it, and finds out whether it does.
 *
 * A push whose gateway died or stalled is suspect, and so is everything that was in flight beside it. Building the
 * request is the only part of a delivery that depends on the push's content and that nothing can interrupt. A suspect's
 * request is therefore built alone, one suspect at a time: the store is told before that a death would be this push's
 * doing, every other build waits, and the store is told afterwards that the gateway survived. The network is never
 * awaited in that time, so new calls wait for two round trips to the store.
 */
export class Quarantine {
  readonly #deps: QuarantineDeps;
  /** Resolves when the suspect that is built alone has survived; undefined while none is built alone. */
  #alone: Promise<void> | undefined;
  /** Resolves when the suspects ahead of the next one are done. */
  #before: Promise<void> = Promise.resolve();

  constructor(deps: QuarantineDeps) {
    this.#deps = deps;
  }

  /** `hold` must always return the push's newest lease. */
  turnOf(hold: { readonly lease: Lease }): BuildTurn {
    return {
      run: (build) => (hold.lease.loneDeaths === undefined ? this.#runFree(build) : this.#runAlone(hold, build)),
    };
  }

  async #runFree<T>(build: () => T): Promise<T> {
    while (this.#alone !== undefined) await this.#alone;
    return build();
  }

  async #runAlone<T>(hold: { readonly lease: Lease }, build: () => T): Promise<T> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const before = this.#before;
    this.#before = promise;
    await before;
    // Builds that waited before the suspect go first.
    await setImmediate();
    this.#alone = promise;
    try {
      await this.#note(hold.lease, true);
      try {
        return build();
      } finally {
        await this.#note(hold.lease, false);
      }
    } finally {
      this.#alone = undefined;
      resolve();
    }
  }

  /** A failing store delays no push; a death then counts for nothing. */
  async #note(lease: Lease, isAlone: boolean): Promise<void> {
    try {
      await this.#deps.store.noteSuspicion(lease, { isAlone, loneDeaths: lease.loneDeaths ?? 0 });
    } catch (error) {
      this.#deps.events.storeFailed("note a suspect push", error);
    }
  }
}
