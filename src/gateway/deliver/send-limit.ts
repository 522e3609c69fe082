import { RoundRobin } from "../../push/round-robin.ts";

export interface SendLimits {
  /** Pushes of one app in flight at once. */
  readonly sends: number;
  /** Of these, pushes other than calls, so that a call finds room in a flood of messages. */
  readonly messages: number;
  /** Pushes that may wait for room. Calls are counted separately. */
  readonly waiting: number;
}

export interface SendPlace {
  readonly isCall: boolean;
  /** Owner of the push. Owners take turns. */
  readonly party: string;
}

/** The time that a push may wait for room. */
export interface WaitTimer extends Disposable {
  readonly signal: AbortSignal;
}

/** Call when the push is no longer in flight. */
export type Leave = () => void;

/** Limits the pushes of one app in flight. Calls do not wait behind messages, nor one party behind another's storm. */
export class SendLimit {
  readonly #limits: SendLimits;
  readonly #waiting = { call: new RoundRobin<() => void>(), message: new RoundRobin<() => void>() };
  #calls = 0;
  #messages = 0;

  constructor(limits: SendLimits) {
    this.#limits = limits;
  }

  /**
   * Resolves when there is room, or with undefined if there is none in time or too many wait already. `startTimer` is
   * called only for a push that has to wait.
   */
  async enter({ isCall, party }: SendPlace, startTimer: () => WaitTimer): Promise<Leave | undefined> {
    const line = this.#waiting[isCall ? "call" : "message"];
    if (line.size === 0 && this.#hasRoom(isCall)) return this.#take(isCall);
    if (line.size >= this.#limits.waiting) return undefined;
    using timer = startTimer();
    return await this.#wait(isCall, party, timer.signal);
  }

  #wait(isCall: boolean, party: string, signal: AbortSignal): Promise<Leave | undefined> {
    const { promise, resolve } = Promise.withResolvers<Leave | undefined>();
    if (signal.aborted) return Promise.resolve(undefined);
    const turn = this.#waiting[isCall ? "call" : "message"].join(party, () => {
      signal.removeEventListener("abort", giveUp);
      resolve(this.#take(isCall));
    });
    function giveUp(): void {
      turn.leave();
      resolve(undefined);
    }
    signal.addEventListener("abort", giveUp, { once: true });
    return promise;
  }

  #hasRoom(isCall: boolean): boolean {
    const { sends, messages } = this.#limits;
    return this.#calls + this.#messages < sends && (isCall || this.#messages < messages);
  }

  #take(isCall: boolean): Leave {
    if (isCall) this.#calls += 1;
    else this.#messages += 1;
    return () => {
      if (isCall) this.#calls -= 1;
      else this.#messages -= 1;
      this.#admit();
    };
  }

  #admit(): void {
    for (const kind of ["call", "message"] as const) {
      while (this.#waiting[kind].size > 0 && this.#hasRoom(kind === "call")) this.#waiting[kind].next()?.();
    }
  }
}
