import type { CallBook, CallChange, CallKey, CallSelector } from "../../src/gateway/call-book.ts";
import type { Aor } from "../../src/push/address.ts";
import { joinCall } from "../../src/push/call-begin.ts";
import type { Call } from "../../src/push/call.ts";

/** An in-memory CallBook for tests of its users, with real compare-and-set and notifications. */
export class MemoryCallBook implements CallBook {
  readonly #calls = new Map<string, Call>();
  readonly #listeners = new Set<(change: CallChange) => void>();

  /** Begins a call, as an accepted push does. */
  begin(call: Call): void {
    this.#calls.set(nameOf(call), joinCall(this.#calls.get(nameOf(call)), call));
  }

  async get(key: CallKey): Promise<Call | undefined> {
    return this.#calls.get(nameOf(key));
  }

  async find(id: string): Promise<readonly Call[]> {
    return [...this.#calls.values()].filter((call) => call.id === id);
  }

  async list(callee: Aor, { since, limit }: CallSelector): Promise<readonly Call[]> {
    const own = [...this.#calls.values()].filter((call) => call.callee === callee && call.startedAt >= since);
    return own.toSorted((a, b) => b.startedAt - a.startedAt).slice(0, limit);
  }

  async replace(before: Call, after: Call): Promise<boolean> {
    const present = this.#calls.get(nameOf(before));
    if (present?.revision !== before.revision || present.startedAt !== before.startedAt) return false;
    this.#calls.set(nameOf(before), after);
    const { callee, id, pushIds, state } = after;
    for (const listener of this.#listeners) listener({ callee, id, pushIds, state });
    return true;
  }

  /** Stops notifications, as when the connection is lost. */
  mute(): void {
    this.#listeners.clear();
  }

  async forgetCalls(): Promise<number> {
    return 0;
  }

  watch(onChange: (change: CallChange) => void): Disposable {
    this.#listeners.add(onChange);
    return { [Symbol.dispose]: () => void this.#listeners.delete(onChange) };
  }
}

function nameOf({ callee, id }: CallKey): string {
  return `${callee} ${id}`;
}
