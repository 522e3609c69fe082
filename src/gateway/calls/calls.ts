import type { Aor } from "../../push/address.ts";
import { applyCallEvent, isCallEnded, readCall, type Call, type CallEvent } from "../../push/call.ts";
import type { CallBook, CallKey } from "../call-book.ts";
import { askStore } from "../ask-store.ts";
import type { CallWaits } from "./call-waits.ts";
import type { Clock } from "../clock.ts";
import { GatewayError } from "../errors.ts";
import type { GatewayEvents } from "../gateway-events.ts";
import type { IdentifyPhone } from "./identify-phone.ts";
import type { TellPhones } from "./tell-phones.ts";

/** Selects the calls of an event: by Call-ID if the platform sends one, otherwise by callee and caller. */
export interface CallSelector {
  readonly id?: string;
  readonly callee?: Aor;
  readonly caller?: string;
}

export interface Calls {
  /** Applies an event to the selected calls and returns them afterwards. Empty if there are none. */
  hear(selector: CallSelector, event: CallEvent, options?: HearOptions): Promise<readonly Call[]>;
  /** Returns all calls with that Call-ID. */
  find(id: string): Promise<readonly Call[]>;
  /** Returns the subscriber's stored calls, newest first. */
  listLatest(callee: Aor, limit: number): Promise<readonly Call[]>;
  /**
   * Waits until a phone has registered, no phone can come any more, the call has ended, or `waitMs` or the call's
   * deadline is over. `onWait` receives a function that ends the wait early.
   */
  awaitVerdict(key: CallKey, waitMs: number, onWait: (end: () => void) => void): Promise<Call | undefined>;
}

export interface HearOptions {
  /** The Contact of the phone that answered or declined, for when the event does not name its device. */
  readonly contact?: string;
  /** True if the platform itself tells the phones about the end. */
  readonly areTold?: boolean;
}

export interface CallsDeps {
  readonly book: CallBook;
  readonly waits: Pick<CallWaits, "begin">;
  /** Takes the ringing push off the queue and stops the work on it on all gateways. */
  readonly withdraw: (pushId: string) => Promise<unknown>;
  readonly tellPhones: TellPhones;
  readonly identifyPhone: IdentifyPhone;
  readonly events: GatewayEvents;
  readonly clock: Clock;
}

/** Limit of compare-and-set attempts. Others write to the same call only a few times in its life. */
const MOST_TRIES = 20;
/** A call that an event does not identify by id began recently, or does not ring any more. */
const RECENT_MS = 10 * 60_000;
const MOST_AT_ONCE = 20;

export function createCalls(deps: CallsDeps): Calls {
  const { book, waits, events, clock } = deps;
  const ask = <T>(what: string, run: () => Promise<T>) => askStore(events, what, run);

  async function select({ id, callee, caller }: CallSelector): Promise<readonly Call[]> {
    if (id !== undefined) return (await book.find(id)).filter((call) => callee === undefined || call.callee === callee);
    if (callee === undefined) return [];
    const ofCaller = (await book.list(callee, { since: clock() - RECENT_MS, limit: MOST_AT_ONCE })).filter(
      (call) => caller === undefined || call.caller === caller,
    );
    return ofCaller.filter((call) => !isCallEnded(readCall(call, clock()).state));
  }

  return {
    hear: (selector, event, options = {}) =>
      ask("note what happened to a call", async () => {
        const meant = await select(selector);
        return Promise.all(meant.map((call) => hearOne(deps, call, event, options)));
      }),
    find: (id) => ask("look a call up", async () => (await book.find(id)).map((call) => readCall(call, clock()))),
    listLatest: (callee, limit) =>
      ask("list calls", async () =>
        (await book.list(callee, { since: 0, limit })).map((call) => readCall(call, clock())),
      ),
    awaitVerdict: (key, waitMs, onWait) =>
      ask("wait for a phone", async () => {
        // If the store is away the wait begins all the same, and finds it well again.
        const first = await book.get(key).then(
          (call) => ({ call }),
          () => undefined,
        );
        if (first !== undefined && first.call?.state !== "ringing") return first.call;
        const leftMs = first?.call === undefined ? waitMs : Math.max(first.call.deadline - clock(), 0);
        const wait = waits.begin(key, Math.min(waitMs, leftMs));
        onWait(wait.end);
        return wait.outcome;
      }),
  };
}

/** Returns true for the first registration of a phone. A phone that registers again was not woken again. */
function isNewcomer({ registrations }: Call, event: CallEvent): boolean {
  return event.kind === "registered" && registrations.every(({ deviceId }) => deviceId !== event.deviceId);
}

interface NamedEvent {
  readonly event: CallEvent;
  /** Devices that may have ended the call. */
  readonly mayHaveEnded?: ReadonlySet<string>;
}

/** Names the device that has answered or declined if the platform told its Contact alone. */
async function nameEnder(
  { identifyPhone }: CallsDeps,
  call: Call,
  event: CallEvent,
  { contact }: HearOptions,
): Promise<NamedEvent> {
  if (contact === undefined || (event.kind !== "answered" && event.kind !== "declined")) return { event };
  if (event.deviceId !== undefined) return { event };
  const { deviceId, candidates } = await identifyPhone(call, contact);
  return { event: deviceId === undefined ? event : { ...event, deviceId }, mayHaveEnded: candidates };
}

/**
 * Withdraws the push and then writes the event. If the gateway dies in between, no further phone rings, and the client
 * repeats the event because it got no answer. Terminal events are idempotent: repeating one completes any step left
 * undone.
 */
async function hearOne(deps: CallsDeps, first: Call, said: CallEvent, options: HearOptions): Promise<Call> {
  const { book, withdraw, tellPhones, events, clock } = deps;
  const { event, mayHaveEnded } = await nameEnder(deps, first, said, options);
  let call = first;
  for (let tries = 1; tries <= MOST_TRIES; tries += 1) {
    const now = clock();
    const after = applyCallEvent(call, event, now);
    const isEndOf = isCallEnded(after.state) && after.state === event.kind;
    if (isEndOf && event.kind !== "unreachable") await Promise.all(after.pushIds.map((id) => withdraw(id)));
    if (after === call || (await book.replace(call, after))) {
      if (after.state !== call.state || isNewcomer(call, event)) events.callChanged(after, event, now);
      if (isEndOf && !options.areTold) await tellPhones(after, mayHaveEnded);
      return readCall(after, now);
    }
    const present = await book.get(call);
    if (present === undefined) return after;
    call = present;
  }
  const detail = `The call ${call.id} changes faster than this could be noted. Say it again.`;
  throw new GatewayError("store_unavailable", detail, { retryAfterSeconds: 1 });
}
