import type { PushState } from "../../push/push.ts";
import { askStore } from "../ask-store.ts";
import type { GatewayEvents } from "../gateway-events.ts";
import type { PushStore } from "../push-store.ts";

export interface CancelPushDeps {
  readonly store: Pick<PushStore, "cancel">;
  /** Ends the work on it in this process; another one learns it when it renews its lease. */
  readonly abandon: (pushId: string) => void;
  readonly events: GatewayEvents;
}

/** Withdraws a push that has not ended; answers how it stands then, undefined where there is none. */
export type CancelPush = (id: string) => Promise<PushState | undefined>;

export function createCancelPush({ store, abandon, events }: CancelPushDeps): CancelPush {
  return async (id) => {
    const state = await askStore(events, "cancel a push", () => store.cancel({ id }));
    if (state === "cancelled") abandon(id);
    return state;
  };
}
