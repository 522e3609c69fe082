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
 * Marks a call as unreachable if no phone can be woken. If a client is waiting for the verdict, this happens as soon as
 * only an operator could help; otherwise the push continues until its deadline, in case an operator does. Never throws.
 */
export function createGiveUpCall({ calls, withdraw, events }: GiveUpCallDeps): OnHopeless {
  return ({ id, request }, { isOver, reason = UNKNOWN_REASON }) => {
    const { kind, callee, callId = id, direct, awaited } = request;
    // If the platform sends one request per phone, only it knows whether this was the last one.
    if (kind !== "call" || direct !== undefined || !(isOver || awaited === true)) return;
    calls
      .hear({ id: callId, callee }, { kind: "unreachable", reason })
      // If a phone has registered meanwhile, the push may continue.
      .then((heard) => (!isOver && heard.some(({ state }) => state === "unreachable") ? withdraw(id) : undefined))
      .catch((error: unknown) => events.storeFailed("note that a call reaches no phone", error));
  };
}
