import type { Call } from "./call.ts";
import type { Push } from "./push.ts";

/** The call that begins with a push, accepted or suppressed: nobody can be woken then. */
export function beginCall(
  given: Pick<Call, "id" | "caller" | "door" | "urlToken">,
  { id: pushId, request: { callee }, state, reason, acceptedAt, deadline }: Push,
): Call {
  const call = { ...given, callee, pushId, startedAt: acceptedAt, deadline, registrations: [], revision: 1 };
  if (state !== "suppressed") return { ...call, state: "ringing", history: [] };
  const why = reason === undefined ? {} : { reason };
  return { ...call, ...why, state: "unreachable", endedAt: acceptedAt, history: [] };
}
