import { join } from "node:path";
import { describeCallBook } from "../../../test/contracts/call-book.contract.ts";
import { describeInventory } from "../../../test/contracts/inventory.contract.ts";
import { describeDeviceStore } from "../../../test/contracts/device-store.contract.ts";
import { describePreferenceStore } from "../../../test/contracts/preference-store.contract.ts";
import { describeKeptContent } from "../../../test/contracts/push-store-content.contract.ts";
import { describeQueueRoom } from "../../../test/contracts/push-store-room.contract.ts";
import { describePushStoreModel } from "../../../test/contracts/push-store.model.ts";
import { describePushStore } from "../../../test/contracts/push-store.contract.ts";
import { describeWakeBook } from "../../../test/contracts/wake-book.contract.ts";
import { describeWellFormedText } from "../../../test/contracts/well-formed-text.contract.ts";
import { WIDE_LIMITS, type OpenStores } from "../../../test/contracts/store-fixture.ts";
import { createTemporaryDirectory } from "../../../test/contracts/temporary-directory.ts";
import { createManualClock } from "../../../test/fixtures/clocks.ts";
import { openSqliteStores } from "./sqlite-stores.ts";

const inMemory: OpenStores = async ({ limits, ...options } = {}) => {
  const clock = createManualClock();
  const queue = { ...WIDE_LIMITS, ...limits };
  const stores = openSqliteStores({ path: ":memory:", durability: "process", clock, queue, ...options });
  return { ...stores, clock, otherWorker: stores.pushes, otherCalls: stores.calls, otherWakes: stores.wakes };
};

/** Opens two connections, as two processes would. */
const inFile: OpenStores = async ({ limits, ...options } = {}) => {
  const directory = await createTemporaryDirectory();
  const clock = createManualClock();
  const queue = { ...WIDE_LIMITS, ...limits };
  const common = { path: join(directory.path, "pushes.db"), durability: "disk", clock, ballastBytes: 4096 } as const;
  const stores = openSqliteStores({ ...common, queue, ...options });
  const others = openSqliteStores({ ...common, queue, ...options });
  return {
    ...stores,
    clock,
    otherWorker: others.pushes,
    otherCalls: others.calls,
    otherWakes: others.wakes,
    async [Symbol.asyncDispose]() {
      await others[Symbol.asyncDispose]();
      await stores[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
};

for (const [name, open] of [
  ["SQLite in memory", inMemory],
  ["SQLite in a file that two workers share", inFile],
] as const) {
  describePushStore(name, open);
  describeKeptContent(name, open);
  describeQueueRoom(name, open);
  describeCallBook(name, open);
  describeWakeBook(name, open);
  describePushStoreModel(name, open);
  describeDeviceStore(name, open);
  describePreferenceStore(name, open);
  describeInventory(name, open);
  describeWellFormedText(name, open);
}
