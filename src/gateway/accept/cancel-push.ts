import { isTerminal, type Push } from "../../push/push.ts";
import { askStore } from "../ask-store.ts";
import type { GatewayEvents } from "../gateway-events.ts";
import type { PushStore } from "../push-store.ts";

export interface CancelPushDeps {
  readonly store: Pick<PushStore, "cancel" | "get">;
  /** Stops the work on the push in this process. Another process learns of it when it renews its lease. */
  readonly abandon: (pushId: string) => void;
  readonly events: GatewayEvents;
}

/** Withdraws a push that has not ended. Returns its state after that, or undefined if there is no such push. */
export type CancelPush = (id: string) => Promise<Push | undefined>;

export function createCancelPush({ store, abandon, events }: CancelPushDeps): CancelPush {
  return async (id) => {
    return askStore(events, "cancel a push", async () => {
      const state = await store.cancel({ id });
      if (state === undefined) return undefined;
      // A push that had woken one phone ends as delivered, and its other phones must not ring any more.
      if (isTerminal(state)) abandon(id);
      return store.get(id);
    });
  };
}
