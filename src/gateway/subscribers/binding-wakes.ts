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
  /** How long before its binding expires a phone is woken; undefined: phones are not woken for that. */
  readonly leadMs: () => number | undefined;
}

/** What wakes are counted under. */
const DOOR = "wake";
const LOOK_MS = 1_000;
const BATCH = 64;
/** Longer than a wake takes to be accepted; a gateway that dies meanwhile leaves it to the next. */
const AGAIN_MS = 10_000;

/**
 * Wakes phones by a silent push before their SIP bindings expire, so that they register again, for proxies without such a timer of
 * their own (RFC 8599 §5.5). The phone registers, the proxy relays that, and the next wake is planned.
 */
export class BindingWakes implements AsyncDisposable {
  readonly #deps: BindingWakesDeps;
  readonly #stop = new AbortController();
  readonly #watching: Promise<void>;

  constructor(deps: BindingWakesDeps) {
    this.#deps = deps;
    this.#watching = this.#watch();
  }

  /** A REGISTER of the phone has come. Never rejects: that it is woken in time is not worth refusing the REGISTER. */
  async bound(subscriber: Aor, deviceId: string, { expires, wakesItself }: ContactBinding): Promise<void> {
    const { book, events, leadMs } = this.#deps;
    const lead = leadMs();
    if (lead === undefined) return;
    const afterMs = expires === undefined ? 0 : expires * 1_000 - lead;
    try {
      // Too short a binding, or one of unknown length, leaves no time for it.
      if (afterMs > 0 && wakesItself !== true) await book.plan({ subscriber, deviceId, afterMs });
      else await book.cancel({ subscriber, deviceId });
    } catch (error) {
      events.storeFailed("plan to wake a phone", error);
    }
  }

  /** It has left. Never rejects. */
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

  /** Whether there may be more of them. */
  async #wakeDue(): Promise<boolean> {
    const { book, leadMs } = this.#deps;
    const lead = leadMs();
    if (lead === undefined) return false;
    const taken = await book.takeDue({ limit: BATCH, againMs: AGAIN_MS });
    const ends = await Promise.all(taken.map((wake) => this.#wake(wake, lead)));
    return taken.length === BATCH && ends.every((isDone) => isDone);
  }

  /** False where the gateway or its store has no room for it now: it comes again by itself. */
  async #wake(wake: TakenWake, leadMs: number): Promise<boolean> {
    const { book, acceptPush, events } = this.#deps;
    const ttlMs = leadMs - wake.lateMs;
    try {
      // Nobody is woken for a binding that has expired.
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

/** Of other refusals nothing better can come: the phone is gone, has no token for it, or pushes are switched off for its domain. */
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
