import { isStillRinging, readCall, type Call } from "../../push/call.ts";
import { isDeadLetter, type Push, type PushRequest } from "../../push/push.ts";
import type { AcceptPush, Receipt } from "./accept-push.ts";
import { askStore } from "../ask-store.ts";
import type { CallBook } from "../call-book.ts";
import type { Clock } from "../clock.ts";
import { GatewayError } from "../errors.ts";
import type { GatewayEvents } from "../gateway-events.ts";
import type { DeadLetterSelector, PushStore } from "../push-store.ts";
import { describeEndedCall, describeUnreplayable } from "./refuse-replay.ts";

/** Pushes that reached no phone. An operator inspects them, fixes the cause, and replays or drops them. */
export interface DeadLetterService {
  list(selector: DeadLetterSelector): Promise<readonly Push[]>;
  /**
   * Sends the request again as a new push with a new deadline. The old push stays, marked with the new one's id.
   * Returns the receipt of the new push, also if it was replayed before. Throws a GatewayError if the push is not a
   * dead letter, or if its call is over and `force` is not set.
   */
  replay(id: string, options?: ReplayOptions): Promise<Receipt>;
  /** Returns false if there is no such dead letter. */
  drop(id: string): Promise<boolean>;
}

export interface ReplayOptions {
  /** Rings the phones although the call is over, for a new call. */
  readonly force?: boolean;
}

export interface DeadLetterDeps {
  readonly store: Pick<PushStore, "get" | "listDeadLetters" | "dropDeadLetter" | "markReplayed">;
  readonly book: Pick<CallBook, "get">;
  readonly acceptPush: AcceptPush;
  readonly events: GatewayEvents;
  readonly clock: Clock;
}

/** Metric label of replayed pushes. */
const DOOR = "replay";

export function createDeadLetterService(deps: DeadLetterDeps): DeadLetterService {
  const { store, acceptPush, events } = deps;
  return {
    list: (selector) => askStore(events, "list dead letters", () => store.listDeadLetters(selector)),
    async replay(id, { force = false } = {}) {
      const push = await askStore(events, "look a push up", () => store.get(id));
      if (push?.replayed !== undefined) return findReplacement(deps, push, push.replayed.as);
      if (push === undefined || !isDeadLetter(push)) {
        throw new GatewayError("not_found", describeUnreplayable(id, push), { field: "id" });
      }
      const receipt = await acceptPush(await buildReplay(deps, push, force), DOOR);
      // A replay that sent nothing can be repeated.
      if (receipt.kind !== "suppressed") {
        await askStore(events, "mark a push as replayed", () => store.markReplayed(id, receipt.id));
      }
      return receipt;
    },
    drop: (id) => askStore(events, "drop a dead letter", () => store.dropDeadLetter(id)),
  };
}

async function findReplacement({ store, events }: DeadLetterDeps, push: Push, newId: string): Promise<Receipt> {
  const replacement = await askStore(events, "look a push up", () => store.get(newId));
  if (replacement !== undefined) return { kind: "repeat", id: newId, state: replacement.state };
  throw new GatewayError("not_found", describeUnreplayable(push.id, push), { field: "id" });
}

async function buildReplay(deps: DeadLetterDeps, push: Push, force: boolean): Promise<PushRequest> {
  const { callId, ...request } = withoutItsTime(push);
  if (request.kind !== "call") return { ...request, ...(callId === undefined ? {} : { callId }) };
  const call = await findCall(deps, push);
  // A further push of a call that still rings joins that call.
  if (call !== undefined && isStillRinging(call, deps.clock())) return { ...request, callId: call.id };
  if (!force) throw new GatewayError("call_over", describeEndedCall(push, call), { field: "force", pushId: push.id });
  // The old call stays unchanged. Without its Call-ID, the push rings for a new call.
  return request;
}

/** Removes everything that applied only to the first push: its id, the waiting client, and the call's URL. */
function withoutItsTime({ id, request }: Push): PushRequest {
  const { pushId: _pushId, awaited: _awaited, callUrl: _callUrl, ...rest } = request;
  // Derived from the old push's id, so that a repeated replay is recognised.
  return { ...rest, pushId: `replay of ${id}`, replayOf: id };
}

async function findCall({ book, events, clock }: DeadLetterDeps, { id, request }: Push): Promise<Call | undefined> {
  const { callee, callId = id } = request;
  const call = await askStore(events, "look a call up", () => book.get({ callee, id: callId }));
  return call === undefined ? undefined : readCall(call, clock());
}
