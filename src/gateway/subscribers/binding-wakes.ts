import type { Aor } from "../../push/address.ts";
import type { PushRequest } from "../../push/push.ts";
import type { AcceptPush } from "../accept/accept-push.ts";
import type { ContactBinding } from "../contact-reading.ts";
import { GatewayError } from "../errors.ts";
import type { GatewayEvents } from "../gateway-events.ts";
import type { Sleep } from "../sleep.ts";
import type { TakenWake, WakeBook } from "../wake-book.ts";

export interface BindingWakesDeps {
  readonly book: WakeBook;
  readonly acceptPush: AcceptPush;
  readonly events: Pick<GatewayEvents, "storeFailed">;
  readonly sleep: Sleep;
  /** How long before its binding expires a phone is woken; undefined if phones are not woken. */
  readonly leadMs: () => number | undefined;
}

/** Metric label of wakes. */
const DOOR = "wake";
const LOOK_MS = 1_000;
const BATCH = 64;
/** Longer than the acceptance of a wake takes. If a gateway dies meanwhile, another one takes the wake. */
const AGAIN_MS = 10_000;

/**
 * Wakes phones by a silent push before their SIP bindings expire, so that they register again. It serves proxies
 * without such a timer (RFC 8599 §5.5). The phone registers, the proxy relays that, and the next wake is planned.
 */
export class BindingWakes implements AsyncDisposable {
  readonly #deps: BindingWakesDeps;
  readonly #stop = new AbortController();
  readonly #watching: Promise<void>;

  constructor(deps: BindingWakesDeps) {
    this.#deps = deps;
    this.#watching = this.#watch();
  }

  /** Plans the wake of a phone that has registered. Never rejects: a missed wake must not cost the REGISTER. */
  async bound(subscriber: Aor, deviceId: string, { expires, wakesItself }: ContactBinding): Promise<void> {
    const { book, events, leadMs } = this.#deps;
    const lead = leadMs();
    if (lead === undefined) return;
    const afterMs = expires === undefined ? 0 : expires * 1_000 - lead;
    try {
      // A binding that is too short, or of unknown length, leaves no time for a wake.
      if (afterMs > 0 && wakesItself !== true) await book.plan({ subscriber, deviceId, afterMs });
      else await book.cancel({ subscriber, deviceId });
    } catch (error) {
      events.storeFailed("plan to wake a phone", error);
    }
  }

  /** Cancels the wake of a phone that has unregistered. Never rejects. */
  async unbound(subscriber: Aor, deviceId: string): Promise<void> {
    const { book, events, leadMs } = this.#deps;
    if (leadMs() === undefined) return;
    try {
      await book.cancel({ subscriber, deviceId });
    } catch (error) {
      events.storeFailed("plan no more to wake a phone", error);
    }
  }

  async #watch(): Promise<void> {
    const { events, sleep } = this.#deps;
    while (!this.#stop.signal.aborted) {
      const isMore = await this.#wakeDue().catch((error: unknown) => {
        events.storeFailed("look for phones to wake", error);
        return false;
      });
      if (!isMore) await sleep(LOOK_MS, this.#stop.signal);
    }
  }

  /** Returns true if there may be more. */
  async #wakeDue(): Promise<boolean> {
    const { book, leadMs } = this.#deps;
    const lead = leadMs();
    if (lead === undefined) return false;
    const taken = await book.takeDue({ limit: BATCH, againMs: AGAIN_MS });
    const ends = await Promise.all(taken.map((wake) => this.#wake(wake, lead)));
    return taken.length === BATCH && ends.every((isDone) => isDone);
  }

  /** Returns false if the gateway or its store has no room now. The wake then comes again by itself. */
  async #wake(wake: TakenWake, leadMs: number): Promise<boolean> {
    const { book, acceptPush, events } = this.#deps;
    const ttlMs = leadMs - wake.lateMs;
    try {
      // An expired binding wakes no phone.
      if (ttlMs > 0) await acceptPush(buildWake(wake, ttlMs), DOOR).catch(throwIfPassing);
      await book.finish(wake);
      return true;
    } catch (error) {
      if (!(error instanceof GatewayError)) events.storeFailed("wake a phone", error);
      return false;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#watching;
  }
}

const PASSING: ReadonlySet<string> = new Set(["queue_full", "store_unavailable", "acceptance_unknown"]);

/** Other refusals are final: the phone is gone, has no token for it, or its domain's pushes are disabled. */
function throwIfPassing(error: unknown): void {
  if (!(error instanceof GatewayError) || PASSING.has(error.code)) throw error;
}

function buildWake({ subscriber, deviceId, againAt }: TakenWake, ttlMs: number): PushRequest {
  return {
    kind: "wake",
    callee: subscriber,
    deviceId,
    pushId: `wake ${againAt}`,
    silent: true,
    data: {},
    aps: {},
    ttlMs,
  };
}
