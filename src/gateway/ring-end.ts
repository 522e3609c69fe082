import type { Push, TerminalState } from "../push/push.ts";
import type { Calls } from "./calls.ts";
import type { GatewayEvents } from "./gateway-events.ts";
import type { PushStore } from "./push-store.ts";

/** A push has ended: if it rang for a call that no phone can be woken for, the call is unreachable now. Never throws. */
export type NoteRingEnd = (push: Push, state: TerminalState) => void;

export interface RingEndDeps {
  readonly calls: Pick<Calls, "hear">;
  readonly store: Pick<PushStore, "get">;
  readonly events: Pick<GatewayEvents, "storeFailed">;
}

const UNKNOWN_REASON = "no_phone_reached";

export function createNoteRingEnd({ calls, store, events }: RingEndDeps): NoteRingEnd {
  async function note({ id, request }: Push): Promise<void> {
    const { callId = id, callee } = request;
    // The lease is older than the results: the store has the providers' words.
    const ended = await store.get(id);
    const reason = ended?.reason ?? UNKNOWN_REASON;
    await calls.hear({ id: callId, callee }, { kind: "unreachable", reason });
  }

  return (push, state) => {
    // Where the platform asks once for each phone, only it knows whether this was the last one.
    if (push.request.kind !== "call" || state !== "failed" || push.request.direct !== undefined) return;
    note(push).catch((error: unknown) => events.storeFailed("note that a call reaches no phone", error));
  };
}
