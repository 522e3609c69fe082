import { isLegalTransition } from "../../push/lifecycle.ts";
import { isTerminal, type Delivery, type DeliveryState, type Push } from "../../push/push.ts";
import type { Clock } from "../clock.ts";
import type { GatewayEvents } from "../gateway-events.ts";
import type { DeliveryResult, PushStore, SettleResult } from "../push-store.ts";
import type { Hold } from "./lease-keeper.ts";
import type { Sleep } from "../sleep.ts";

export interface SettlementDeps {
  readonly store: Pick<PushStore, "settle">;
  readonly events: GatewayEvents;
  readonly clock: Clock;
  readonly sleep: Sleep;
  /** Called when the end of a push has been written. */
  readonly onEnded?: (pushId: string) => void;
}

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 2_000;

/**
 * Writes the states of a leased push's deliveries. Results of one tick share a round trip, and a slow device never
 * delays the record of a fast one. A failing store is retried until it answers: the provider has the push by then, and
 * an unwritten result would send it twice.
 */
export class Settlement {
  readonly #deps: SettlementDeps;
  readonly #hold: Pick<Hold, "lease" | "letGo">;
  readonly #push: Push;
  readonly #stop: AbortSignal;
  /** Latest unwritten result of each device, so that a store that recovers gets no outdated ones. */
  #waiting = new Map<string, DeliveryResult>();
  /** Latest state of each device, written or not. */
  readonly #states: Map<string, DeliveryState>;
  #writing: Promise<void> = Promise.resolve();
  #scheduled: NodeJS.Immediate | undefined;
  #closed = false;

  constructor(deps: SettlementDeps, hold: Pick<Hold, "lease" | "letGo">, stop: AbortSignal) {
    this.#deps = deps;
    this.#hold = hold;
    this.#push = hold.lease.push;
    this.#stop = stop;
    this.#states = new Map(this.#push.deliveries.map(({ deviceId, state }) => [deviceId, state]));
  }

  /** True if another worker has the push, or it has ended: nothing more can be written. */
  get closed(): boolean {
    return this.#closed;
  }

  add(result: DeliveryResult): void {
    const from = this.#states.get(result.deviceId) ?? "pending";
    if (!isLegalTransition(from, result.state)) {
      this.#deps.events.illegalTransition(this.#push.id, from, result.state);
      return;
    }
    this.#states.set(result.deviceId, result.state);
    this.#waiting.set(result.deviceId, result);
    this.#scheduled ??= setImmediate(() => void this.#flush());
  }

  /** Writes all remaining results, and requeues the push if a delivery is still open. */
  async finish(handBackAt: number | undefined): Promise<void> {
    if (handBackAt !== undefined) this.#hold.letGo();
    await this.#flush(handBackAt);
  }

  #flush(handBackAt?: number): Promise<void> {
    if (this.#scheduled !== undefined) clearImmediate(this.#scheduled);
    this.#scheduled = undefined;
    this.#writing = this.#writing.then(() => this.#write(handBackAt));
    return this.#writing;
  }

  async #write(handBackAt: number | undefined): Promise<void> {
    const results = [...this.#waiting.values()];
    this.#waiting.clear();
    if (this.#closed || (results.length === 0 && handBackAt === undefined)) return;
    const settled = await this.#settle(results, handBackAt);
    if (settled === undefined) {
      for (const result of results) if (!this.#waiting.has(result.deviceId)) this.#waiting.set(result.deviceId, result);
      return;
    }
    const push = this.#push;
    if (settled.kind === "lost" || settled.kind === "gone") {
      this.#closed = true;
      if (settled.kind === "lost") this.#deps.events.leaseLost(push.id);
      else this.#deps.events.lostByStore(push.id);
      return;
    }
    for (const result of results) this.#report(result);
    if (isTerminal(settled.state)) {
      this.#closed = true;
      this.#deps.events.ended(push, settled.state, this.#deps.clock());
      this.#deps.onEnded?.(push.id);
    }
  }

  async #settle(results: readonly DeliveryResult[], handBackAt: number | undefined): Promise<SettleResult | undefined> {
    const { store, events, sleep } = this.#deps;
    for (let waitMs = FIRST_RETRY_MS; ; waitMs = Math.min(waitMs * 2, LAST_RETRY_MS)) {
      const { lease } = this.#hold;
      try {
        const settled = await store.settle(lease, results, handBackAt);
        // The loss concerns an old lease: this worker has a newer one.
        if (settled.kind !== "lost" || this.#hold.lease === lease) return settled;
      } catch (error) {
        events.storeFailed("settle", error);
        if (this.#stop.aborted) return undefined;
        await sleep(waitMs, this.#stop);
      }
    }
  }

  #report(result: DeliveryResult): void {
    const target = this.#push.deliveries.find(({ deviceId }) => deviceId === result.deviceId);
    if (target === undefined || !isTerminal(result.state)) return;
    const { state, reason } = result;
    const { id: pushId, request } = this.#push;
    const ended = { pushId, kind: request.kind, target: target satisfies Delivery, state };
    this.#deps.events.deliveryEnded(reason === undefined ? ended : { ...ended, reason });
  }
}
