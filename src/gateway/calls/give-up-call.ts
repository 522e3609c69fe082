import type { Calls } from "./calls.ts";
import type { OnHopeless } from "../deliver/deliver-push.ts";
import type { GatewayEvents } from "../gateway-events.ts";

export interface GiveUpCallDeps {
  readonly calls: Pick<Calls, "hear">;
  /** Takes a push off the queue. */
  readonly withdraw: (pushId: string) => Promise<unknown>;
  readonly events: Pick<GatewayEvents, "storeFailed">;
}

const UNKNOWN_REASON = "no_phone_reached";

/**
 * A call that no phone can be woken for is unreachable. Where somebody holds the line for the verdict, it is so already when only an
 * operator could help; else the push goes on until its deadline, in case he does. Never throws.
 */
export function createGiveUpCall({ calls, withdraw, events }: GiveUpCallDeps): OnHopeless {
  return ({ id, request }, { isOver, reason = UNKNOWN_REASON }) => {
    const { kind, callee, callId = id, direct, awaited } = request;
    // Where the platform asks once for each phone, only it knows whether this was the last one.
    if (kind !== "call" || direct !== undefined || !(isOver || awaited === true)) return;
    calls
      .hear({ id: callId, callee }, { kind: "unreachable", reason })
      // A phone that registered meanwhile has its call: then the push may go on, too.
      .then((heard) => (!isOver && heard.some(({ state }) => state === "unreachable") ? withdraw(id) : undefined))
      .catch((error: unknown) => events.storeFailed("note that a call reaches no phone", error));
  };
}
