import { isCallEnded, type Call } from "../../push/call.ts";
import type { Push } from "../../push/push.ts";

/** Returns why a push is not a dead letter; `push` is undefined if it is unknown. */
export function describeUnreplayable(id: string, push: Push | undefined): string {
  if (push === undefined) return `There is no failed or expired push ${id}.`;
  const { state, replayed } = push;
  if (replayed !== undefined) {
    return `Push ${id} was replayed at ${instant(replayed.at)} as push ${replayed.as}, which is no longer known. Its content went with that one: it cannot be sent once more.`;
  }
  if (state === "pending") return `Push ${id} has not ended. Only a push that failed or expired can be replayed.`;
  return `Push ${id} was ${state}: what people wrote in it is not kept. Only a push that failed or expired can be replayed.`;
}

/** Returns why the call is over, and how to ring all the same; `call` is undefined if it is unknown. */
export function describeEndedCall({ id, request, deadline }: Push, call: Call | undefined): string {
  const name = request.callId === undefined ? "The call" : `Call ${request.callId}`;
  return (
    `${name} to ${request.callee}, for which push ${id} was to ring, is over: ${describeEnd(call, deadline)}. ` +
    'The caller no longer waits. To ring the phones all the same, send {"force": true} (--force on the command line): ' +
    "they ring for a new call, which nobody makes."
  );
}

function describeEnd(call: Call | undefined, deadline: number): string {
  if (call === undefined || !isCallEnded(call.state)) {
    return `its time ended at ${instant(call?.deadline ?? deadline)}`;
  }
  const { state, reason, endedAt } = call;
  const why = reason === undefined ? "" : ` (${reason})`;
  return `it ended as ${state}${why}${endedAt === undefined ? "" : ` at ${instant(endedAt)}`}`;
}

function instant(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
