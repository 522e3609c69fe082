import { isDeadLetter, type Push } from "../../push/push.ts";
import type { AcceptPush, Receipt } from "./accept-push.ts";
import { askStore } from "../ask-store.ts";
import { GatewayError } from "../errors.ts";
import type { GatewayEvents } from "../gateway-events.ts";
import type { DeadLetterSelector, PushStore } from "../push-store.ts";

/** Pushes that reached no phone: an operator looks at them, mends the cause, and sends them again or lets them go. */
export interface DeadLetterDesk {
  list(selector: DeadLetterSelector): Promise<readonly Push[]>;
  /** Sends it again as a new push, with a new deadline; the old one goes. Throws a GatewayError where there is no such one. */
  replay(id: string): Promise<Receipt>;
  /** False where there is no such one. */
  drop(id: string): Promise<boolean>;
}

export interface DeadLetterDeps {
  readonly store: Pick<PushStore, "get" | "listDeadLetters" | "dropDeadLetter">;
  readonly acceptPush: AcceptPush;
  readonly events: GatewayEvents;
}

/** What replayed pushes are counted under. */
const DOOR = "replay";

export function createDeadLetterDesk({ store, acceptPush, events }: DeadLetterDeps): DeadLetterDesk {
  return {
    list: (selector) => askStore(events, "list dead letters", () => store.listDeadLetters(selector)),
    async replay(id) {
      const push = await askStore(events, "look a push up", () => store.get(id));
      if (push === undefined || !isDeadLetter(push.state)) {
        throw new GatewayError("not_found", `There is no failed or expired push ${id}.`, { field: "id" });
      }
      // Asked twice, it is replayed once: the old push's id names the new one.
      const receipt = await acceptPush({ ...push.request, pushId: `replay of ${id}` }, DOOR);
      await askStore(events, "drop a dead letter", () => store.dropDeadLetter(id));
      return receipt;
    },
    drop: (id) => askStore(events, "drop a dead letter", () => store.dropDeadLetter(id)),
  };
}
