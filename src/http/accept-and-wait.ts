import type { FastifyReply } from "fastify";
import type { Receipt } from "../gateway/accept/accept-push.ts";
import type { Calls } from "../gateway/calls/calls.ts";
import { GatewayError } from "../gateway/errors.ts";
import type { Call } from "../push/call.ts";
import type { PushRequest } from "../push/push.ts";

export interface Wait<Accepted> {
  readonly push: PushRequest;
  readonly waitMs: number;
  /** Answer that is held. The wait ends when its client disconnects. */
  readonly reply: FastifyReply;
  readonly calls: Pick<Calls, "awaitVerdict">;
  readonly accept: (push: PushRequest) => Promise<Accepted>;
}

/** Reason of an accepted push or call that the store has lost. */
export const LOST_BY_STORE = "lost_by_store";

export interface Waited<Accepted> {
  readonly receipt: Accepted;
  /** Undefined if there is no such call, or the store does not answer. */
  readonly call: Call | undefined;
  /** True if the store answers that there is no such call. */
  readonly isMissing: boolean;
}

/** Rings, and waits until it is clear whether a phone comes, the time is over, or the client has left. */
export async function acceptAndWait<Accepted extends Pick<Receipt, "id">>(
  wait: Wait<Accepted>,
): Promise<Waited<Accepted>> {
  const { push, waitMs, reply, calls, accept } = wait;
  const receipt = await accept({ ...push, awaited: true });
  const { callee, callId: id = receipt.id } = push;
  const end = await unlessStoreAway(calls.awaitVerdict({ callee, id }, waitMs, (end) => onceLeft(reply, end)));
  return { receipt, call: end?.found, isMissing: end !== undefined && end.found === undefined };
}

/**
 * Resolves to the store's answer to a question about an accepted push, or to undefined if the store does not answer. The client must not
 * be refused then: the push is sent all the same.
 */
export async function unlessStoreAway<Found>(asked: Promise<Found>): Promise<{ readonly found: Found } | undefined> {
  try {
    return { found: await asked };
  } catch (error) {
    if (error instanceof GatewayError && error.code === "store_unavailable") return undefined;
    throw error;
  }
}

/** Ends a wait when its client disconnects. */
export function onceLeft(reply: FastifyReply, end: () => void): void {
  // The client may have left while its push was being accepted; the event has passed then.
  if (reply.raw.closed) end();
  else reply.raw.once("close", end);
}
