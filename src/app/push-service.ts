import { createCancelPush } from "../gateway/accept/cancel-push.ts";
import { askStore } from "../gateway/ask-store.ts";
import type { Deliverer } from "../gateway/deliver/deliverer.ts";
import type { GatewayEvents } from "../gateway/gateway-events.ts";
import type { PushStore } from "../gateway/push-store.ts";
import { sleep } from "../gateway/sleep.ts";
import { createWaits, type Waits } from "../gateway/waits.ts";
import type { PushService } from "../http/http-deps.ts";
import { isTerminal, type Push } from "../push/push.ts";
import type { Stores } from "./open-stores.ts";

type PushEnds = Waits<string, Push>;

/** Creates the waits for the ends of pushes. */
export function createPushEnds(store: Pick<PushStore, "get" | "awaitEnd" | "watchEnds">): PushEnds {
  const waits = createWaits<string, Push>({
    nameOf: (id) => id,
    firstLook: (id) => store.awaitEnd(id),
    look: (id) => store.get(id),
    isSettled: ({ state }) => isTerminal(state),
    sleep,
    stopping:
      "This gateway is about to stop. The push is stored, and delivered all the same: GET it from another gateway, or later.",
  });
  const watch = store.watchEnds((id) => waits.wake(id));
  return {
    get size() {
      return waits.size;
    },
    begin: (id, waitMs) => waits.begin(id, waitMs),
    wake: (id) => waits.wake(id),
    async [Symbol.asyncDispose]() {
      watch[Symbol.dispose]();
      await waits[Symbol.asyncDispose]();
    },
  };
}

export interface PushServiceDeps {
  readonly stores: Pick<Stores, "pushes">;
  readonly events: GatewayEvents;
  readonly deliverer: Pick<Deliverer, "abandon">;
  readonly ends: Pick<PushEnds, "begin" | "wake">;
}

/** Creates the use cases that find and cancel pushes by id. */
export function createPushService({
  stores: { pushes: store },
  events,
  deliverer,
  ends,
}: PushServiceDeps): PushService {
  const cancel = createCancelPush({ store, abandon: (id) => deliverer.abandon(id), events });
  return {
    get: (id) => askStore(events, "look a push up", () => store.get(id)),
    async cancel(id) {
      const push = await cancel(id);
      ends.wake(id);
      return push;
    },
    awaitEnd: (id, waitMs, onWait) =>
      askStore(events, "wait for the end of a push", () => {
        const wait = ends.begin(id, waitMs);
        onWait(wait.end);
        return wait.outcome;
      }),
  };
}
