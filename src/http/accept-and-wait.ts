import type { FastifyReply } from "fastify";
import type { Receipt } from "../gateway/accept/accept-push.ts";
import type { Calls } from "../gateway/calls/calls.ts";
import type { Call } from "../push/call.ts";
import type { PushRequest } from "../push/push.ts";

export interface Wait<Accepted> {
  readonly push: PushRequest;
  readonly waitMs: number;
  /** Whose answer is held: a client that has left waits no longer. */
  readonly reply: FastifyReply;
  readonly calls: Pick<Calls, "awaitVerdict">;
  readonly accept: (push: PushRequest) => Promise<Accepted>;
}

/** Rings, and holds on until it is clear whether a phone comes, or nobody waits any more. */
export async function acceptAndWait<Accepted extends Pick<Receipt, "id">>(
  wait: Wait<Accepted>,
): Promise<{ readonly receipt: Accepted; readonly call: Call | undefined }> {
  const { push, waitMs, reply, calls, accept } = wait;
  const receipt = await accept({ ...push, awaited: true });
  const { callee, callId: id = receipt.id } = push;
  const call = await calls.awaitVerdict({ callee, id }, waitMs, (end) => onceLeft(reply, end));
  return { receipt, call };
}

/** Ends a wait for whose answer nobody is there any more. */
export function onceLeft(reply: FastifyReply, end: () => void): void {
  // It may have left while its push was being accepted: no event tells that any more.
  if (reply.raw.closed) end();
  else reply.raw.once("close", end);
}
