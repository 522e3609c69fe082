import { describeDeviceStore } from "../contracts/device-store.contract.ts";
import { createManualClock } from "./manual-clock.ts";
import { MemoryDeviceStore } from "./memory-device-store.ts";

describeDeviceStore("in memory, for tests", async () => {
  const clock = createManualClock();
  return { clock, devices: new MemoryDeviceStore([], clock), async [Symbol.asyncDispose]() {} };
});
