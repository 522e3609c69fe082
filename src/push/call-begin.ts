import { isCallEnded, type Call } from "./call.ts";
import type { Push, PushRequest } from "./push.ts";

/** The call that begins with a push, accepted or suppressed: nobody can be woken then. */
export function beginCall(
  given: Pick<Call, "id" | "caller" | "door" | "urlToken">,
  { id: pushId, request: { callee }, state, reason, acceptedAt, deadline }: Push,
): Call {
  const call = { ...given, callee, pushIds: [pushId], startedAt: acceptedAt, deadline, registrations: [], revision: 1 };
  if (state !== "suppressed") return { ...call, state: "ringing", history: [] };
  const why = reason === undefined ? {} : { reason };
  return { ...call, ...why, state: "unreachable", endedAt: acceptedAt, history: [] };
}

/** What a further push for the same call leads to: it rings for the one that goes on. */
export function joinCall(present: Call | undefined, begun: Call): Call {
  if (present === undefined || isCallEnded(present.state)) return begun;
  const deadline = Math.max(present.deadline, begun.deadline);
  return { ...present, pushIds: [...present.pushIds, ...begun.pushIds], deadline, revision: present.revision + 1 };
}

/**
 * A call has one URL, so that every phone can ask for it: a push that joins a call carries the token of that call instead of the one
 * that was drawn for itself.
 */
export function shareCallUrl(request: PushRequest, drawnToken: string, callToken: string): PushRequest {
  const { callUrl } = request;
  return callUrl === undefined ? request : { ...request, callUrl: callUrl.replace(drawnToken, callToken) };
}

/** No further phone may be woken for it. A call that nobody could be woken for may begin anew, with a phone that came since. */
export function isCallOver({ state }: Call): boolean {
  return isCallEnded(state) && state !== "unreachable";
}
