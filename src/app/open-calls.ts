import type { Stores } from "./open-stores.ts";
import { readContacts } from "../dialects/contact.ts";
import { createCalls, type Calls } from "../gateway/calls/calls.ts";
import { createCallWaits, type CallWaits } from "../gateway/calls/call-waits.ts";
import type { OnHopeless } from "../gateway/deliver/deliver-push.ts";
import { createIdentifyPhone } from "../gateway/calls/identify-phone.ts";
import { createGiveUpCall } from "../gateway/calls/give-up-call.ts";
import type { Clock } from "../gateway/clock.ts";
import type { GatewayEvents } from "../gateway/gateway-events.ts";
import type { Sleep } from "../gateway/sleep.ts";
import type { TellPhones } from "../gateway/calls/tell-phones.ts";
import { isCallEnded } from "../push/call.ts";

export interface CallDeps {
  readonly stores: Pick<Stores, "calls" | "pushes" | "devices">;
  /** Stops the work on a push in this process. */
  readonly abandon: (pushId: string) => void;
  readonly tellPhones: TellPhones;
  readonly events: GatewayEvents;
  readonly clock: Clock;
  readonly sleep: Sleep;
}

/** The calls of all sources. Disposing it ends every wait. */
export interface CallRoom extends AsyncDisposable {
  readonly calls: Calls;
  readonly waits: Pick<CallWaits, "size">;
  readonly giveUpCall: OnHopeless;
}

export function openCalls(deps: CallDeps): CallRoom {
  const { abandon, events } = deps;
  const { calls: book, pushes: store, devices } = deps.stores;
  const waits = createCallWaits({ calls: book, sleep: deps.sleep });
  // Another gateway received the end, so pushes that this one is working on must not ring.
  const ends = book.watch(({ state, pushIds }) => {
    if (isCallEnded(state)) pushIds.forEach(abandon);
  });
  const withdraw = async (pushId: string): Promise<void> => {
    await store.cancel({ id: pushId });
    abandon(pushId);
  };
  const identifyPhone = createIdentifyPhone({ devices, readContacts });
  const calls = createCalls({ ...deps, book, waits, withdraw, identifyPhone });
  return {
    calls,
    waits,
    giveUpCall: createGiveUpCall({ calls, withdraw, events }),
    async [Symbol.asyncDispose]() {
      ends[Symbol.dispose]();
      await waits[Symbol.asyncDispose]();
    },
  };
}
