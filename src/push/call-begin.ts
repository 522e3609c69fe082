import { isCallEnded, type Call } from "./call.ts";
import type { Push, PushRequest } from "./push.ts";

/** Returns the call that a new push begins. With a suppressed push it is over at once, because nobody can be woken. */
export function beginCall(
  given: Pick<Call, "id" | "caller" | "door" | "urlToken">,
  { id: pushId, request: { callee }, state, reason, acceptedAt, deadline }: Push,
): Call {
  const call = { ...given, callee, pushIds: [pushId], startedAt: acceptedAt, deadline, registrations: [], revision: 1 };
  if (state !== "suppressed") return { ...call, state: "ringing", history: [] };
  const why = reason === undefined ? {} : { reason };
  return { ...call, ...why, state: "unreachable", endedAt: acceptedAt, history: [] };
}

/** Returns the call that a further push belongs to: the present one while it continues, otherwise the new one. */
export function joinCall(present: Call | undefined, begun: Call): Call {
  if (present === undefined || isCallEnded(present.state)) return begun;
  const deadline = Math.max(present.deadline, begun.deadline);
  return { ...present, pushIds: [...present.pushIds, ...begun.pushIds], deadline, revision: present.revision + 1 };
}

/**
 * Returns the request with the token of the call it joins instead of its own. A call has one URL, so that every phone
 * can ask for it.
 */
export function shareCallUrl(request: PushRequest, drawnToken: string, callToken: string): PushRequest {
  const { callUrl } = request;
  return callUrl === undefined ? request : { ...request, callUrl: callUrl.replace(drawnToken, callToken) };
}

/**
 * Returns true if no further phone may be woken. A call that ended as `unreachable` may begin again, because a phone
 * may have registered since.
 */
export function isCallOver({ state }: Call): boolean {
  return isCallEnded(state) && state !== "unreachable";
}
