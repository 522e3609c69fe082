import { isTerminal } from "../../push/push.ts";
import type { Clock } from "../clock.ts";
import type { GatewayEvents } from "../gateway-events.ts";
import type { PushStore } from "../push-store.ts";
import type { Sleep } from "../sleep.ts";

export interface UnknownAcceptancesDeps {
  readonly store: Pick<PushStore, "get">;
  readonly events: GatewayEvents;
  readonly steady: Clock;
  readonly sleep: Sleep;
}

interface Unknown {
  readonly id: string;
  readonly dialect: string;
  readonly notedAt: number;
}

const LOOK_MS = 1_000;
/** What was on its way to the store when the gateway gave up waiting has arrived by then, and what a lost master had is gone. */
const CERTAIN_AFTER_MS = 10_000;
/** They are only counted: a store that is away for long must not fill the memory. */
const MAX_KEPT = 10_000;

/**
 * Pushes of which the store did not say in time whether it had taken them. Those that it had are delivered like all others, so
 * they are accepted ones: they are reported as such once they have ended, or are still there after a while.
 */
export class UnknownAcceptances implements AsyncDisposable {
  readonly #deps: UnknownAcceptancesDeps;
  readonly #stop = new AbortController();
  readonly #open = new Set<Unknown>();
  #looking: Promise<void> | undefined;

  constructor(deps: UnknownAcceptancesDeps) {
    this.#deps = deps;
  }

  note(id: string, dialect: string): void {
    if (this.#open.size >= MAX_KEPT) return;
    this.#open.add({ id, dialect, notedAt: this.#deps.steady() });
    this.#looking ??= this.#lookUntilNoneIsOpen();
  }

  async #lookUntilNoneIsOpen(): Promise<void> {
    const { events, sleep } = this.#deps;
    while (this.#open.size > 0 && !this.#stop.signal.aborted) {
      await sleep(LOOK_MS, this.#stop.signal);
      try {
        await this.#look();
      } catch (error) {
        events.storeFailed("look for a push that may have been accepted", error);
      }
    }
    this.#looking = undefined;
  }

  /** One after the other, so that a store that has just come back is not asked for all at once. */
  async #look(): Promise<void> {
    const { store, events, steady } = this.#deps;
    for (const unknown of this.#open) {
      if (this.#stop.signal.aborted) return;
      const ageMs = steady() - unknown.notedAt;
      const push = await store.get(unknown.id);
      const hasEnded = push !== undefined && isTerminal(push.state);
      if (!hasEnded && ageMs < CERTAIN_AFTER_MS) continue;
      this.#open.delete(unknown);
      if (push !== undefined && push.state !== "suppressed") events.accepted(push, unknown.dialect);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#looking;
  }
}
