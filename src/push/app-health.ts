import type { Health } from "./circuit-breaker.ts";
import type { UnreachedReason } from "./explanations/unreached.ts";
import type { Outcome } from "./outcome.ts";

/** Too many of our own requests wait for the provider, which says nothing about its health. */
const OUR_CROWD = "no_room" satisfies UnreachedReason;

/**
 * Returns what an outcome says about the app as a whole. A provider that refuses one push is well. One that refuses the
 * app, or cannot be reached, is ill. An answer lost with its connection says nothing, because the next connection may
 * work; it counts as ill only if no answer came in the whole time of the attempt (`isTimedOut`).
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
