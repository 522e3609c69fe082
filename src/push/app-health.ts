import type { Health } from "./circuit-breaker.ts";
import type { UnreachedReason } from "./explanations/unreached.ts";
import type { Outcome } from "./outcome.ts";

/** Its turn did not come: that is our crowd, and the provider may be as well as ever. */
const OUR_CROWD = "no_room" satisfies UnreachedReason;

/**
 * What an outcome says of the app as a whole. A provider that refuses a push is well; one that refuses the app is not, and neither is one
 * that cannot be reached. An answer that was lost with its connection says nothing, for the next connection may do: only where
 * there was none in all the time of the attempt (`isTimedOut`) the provider is silent.
 */
export function readHealth(outcome: Outcome, isTimedOut: boolean): Health {
  switch (outcome.kind) {
    case "delivered":
    case "unregistered":
    case "rejected":
      return "well";
    case "misconfigured":
      return outcome.scope === "device" ? undefined : "ill";
    case "deferred":
      if (outcome.scope === "device" || outcome.reason === OUR_CROWD) return undefined;
      return outcome.reason === "answer_lost" && !isTimedOut ? undefined : "ill";
  }
}
