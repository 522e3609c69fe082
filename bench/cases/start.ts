import { setTimeout as pause } from "node:timers/promises";
import { median } from "../arithmetic/statistics.ts";
import { sendOnce } from "../measure/send-once.ts";
import { registerDevices } from "../measure/prepare.ts";
import { nowMs } from "../monotonic.ts";
import { startGateway, type Gateway } from "../stage/gateway.ts";
import { readCpuMs } from "../stage/process-figures.ts";
import type { Stage } from "../stage/stage.ts";
import { listStores, type BenchCase, type Fact } from "./bench-case.ts";

const RETRY_MS = 5;
const START_TIMEOUT_MS = 30_000;
const STARTS = 3;

interface Start {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** Starts a killed gateway, and asks it until it accepts a push. */
export async function measureStart(stage: Stage, gateway: Gateway): Promise<Start> {
  const startedAt = nowMs();
  gateway.spawnAgain();
  while ((await sendOnce(gateway.target, gateway.template, stage.takeNumbers(1))) !== 202) {
    if (nowMs() - startedAt > START_TIMEOUT_MS) throw new Error("The gateway accepted nothing after its start.");
    await pause(RETRY_MS);
  }
  return { seconds: (nowMs() - startedAt) / 1000, cpuSeconds: readCpuMs(gateway.pid) / 1000 };
}

export const startCase: BenchCase = {
  id: "start",
  title: "start to the first accepted push",
  isQuick: false,
  async run({ stage, redis, sizes }) {
    const facts: Fact[] = [];
    let worst = 0;
    for (const { store, redis: own } of listStores({ stage, redis, sizes })) {
      await using gateway = await startGateway(stage, { name: "gateway", ...(own && { redis: own }) });
      await registerDevices(stage, gateway, 1);
      const starts: Start[] = [];
      for (let round = 0; round < STARTS; round += 1) {
        await gateway.kill();
        starts.push(await measureStart(stage, gateway));
      }
      const seconds = median(starts.map((one) => one.seconds));
      worst = Math.max(worst, seconds);
      facts.push({ title: `${store}: start to the first accepted push`, value: seconds, unit: "s" });
      const cpu = median(starts.map((one) => one.cpuSeconds));
      facts.push({ title: `${store}: CPU time until then`, value: cpu, unit: "s" });
    }
    return { comparisons: [], facts, figures: { start: worst } };
  },
};
