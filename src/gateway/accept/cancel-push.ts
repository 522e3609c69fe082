import { isTerminal, type Push } from "../../push/push.ts";
import { askStore } from "../ask-store.ts";
import type { GatewayEvents } from "../gateway-events.ts";
import type { PushStore } from "../push-store.ts";

export interface CancelPushDeps {
  readonly store: Pick<PushStore, "cancel" | "get">;
  /** Ends the work on it in this process; another one learns it when it renews its lease. */
  readonly abandon: (pushId: string) => void;
  readonly events: GatewayEvents;
}

/** Withdraws a push that has not ended. Returns it as it is then, or undefined if there is no such push. */
export type CancelPush = (id: string) => Promise<Push | undefined>;

export function createCancelPush({ store, abandon, events }: CancelPushDeps): CancelPush {
  return async (id) => {
    return askStore(events, "cancel a push", async () => {
      const state = await store.cancel({ id });
      if (state === undefined) return undefined;
      // A push that had woken one phone ends as delivered: the others must not ring any more.
      if (isTerminal(state)) abandon(id);
      return store.get(id);
    });
  };
}
