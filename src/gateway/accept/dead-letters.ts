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

/** Pushes that reached no phone: an operator looks at them, mends the cause, and sends them again or lets them go. */
export interface DeadLetterDesk {
  list(selector: DeadLetterSelector): Promise<readonly Push[]>;
  /**
   * Sends it again as a new push, with a new deadline; the old one stays, marked with the new one's id. Returns the new push's receipt, also
   * if it was replayed before. Throws a GatewayError if it is no dead letter, or its call is over and `force` is not given.
   */
  replay(id: string, options?: ReplayOptions): Promise<Receipt>;
  /** Returns false if there is no such dead letter. */
  drop(id: string): Promise<boolean>;
}

export interface ReplayOptions {
  /** Rings the phones although the call is over. They ring for a call of its own. */
  readonly force?: boolean;
}

export interface DeadLetterDeps {
  readonly store: Pick<PushStore, "get" | "listDeadLetters" | "dropDeadLetter" | "markReplayed">;
  readonly book: Pick<CallBook, "get">;
  readonly acceptPush: AcceptPush;
  readonly events: GatewayEvents;
  readonly clock: Clock;
}

/** What replayed pushes are counted under. */
const DOOR = "replay";

export function createDeadLetterDesk(deps: DeadLetterDeps): DeadLetterDesk {
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
      // What was not sent can be replayed once more.
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
  // A further push of a call that still rings joins it, by its name.
  if (call !== undefined && isStillRinging(call, deps.clock())) return { ...request, callId: call.id };
  if (!force) throw new GatewayError("call_over", describeEndedCall(push, call), { field: "force", pushId: push.id });
  // The call that is over stays as it was: without its Call-ID, the push rings for a call of its own.
  return request;
}

/** Without what counted for the first push alone: whose name it had, who held the line, and where its app asked. */
function withoutItsTime({ id, request }: Push): PushRequest {
  const { pushId: _pushId, awaited: _awaited, callUrl: _callUrl, ...rest } = request;
  // Asked twice, it is replayed once: the old push's id names the new one.
  return { ...rest, pushId: `replay of ${id}`, replayOf: id };
}

async function findCall({ book, events, clock }: DeadLetterDeps, { id, request }: Push): Promise<Call | undefined> {
  const { callee, callId = id } = request;
  const call = await askStore(events, "look a call up", () => book.get({ callee, id: callId }));
  return call === undefined ? undefined : readCall(call, clock());
}
