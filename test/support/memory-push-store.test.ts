import { describeQueueRoom } from "../contracts/push-store-room.contract.ts";
import { createManualClock } from "./manual-clock.ts";
import { MemoryPushStore } from "./memory-push-store.ts";

describeQueueRoom("in memory, for tests", async ({ limits = {} }) => {
  const clock = createManualClock();
  const pushes = new MemoryPushStore({ clock, limits });
  return { clock, pushes, otherWorker: pushes, [Symbol.asyncDispose]: () => pushes[Symbol.asyncDispose]() };
});
