import { setTimeout as pause } from "node:timers/promises";
import { measureLoad, type Sample } from "../measure/measure-load.ts";
import { registerDevices, warmUp } from "../measure/prepare.ts";
import { startGateway, type Gateway } from "../stage/gateway.ts";
import { listFamily } from "../stage/process-figures.ts";
import { BASE_RATE, closedPlan } from "./base.ts";
import { listStores, type BenchCase, type CaseContext, type CaseResult, type Fact } from "./bench-case.ts";

const SECONDS = 6;
const KILL_AFTER_MS = 2_000;

/** Sends at 500/s and lets `harm` happen after two seconds. */
async function measureHarm(context: CaseContext, gateway: Gateway, harm: () => Promise<void>): Promise<Sample> {
  const { callees } = context.sizes;
  const plan = { count: BASE_RATE * SECONDS, perSecond: BASE_RATE, callees };
  const [sample] = await Promise.all([measureLoad(context.stage, gateway, plan), pause(KILL_AFTER_MS).then(harm)]);
  return sample;
}

function readFacts(title: string, sample: Sample): readonly Fact[] {
  const { accepted, lost, twice, refused, failed } = sample;
  return [
    { title: `${title}: accepted`, value: accepted, unit: "" },
    { title: `${title}: accepted and lost`, value: lost, unit: "" },
    { title: `${title}: delivered twice`, value: twice, unit: "" },
    { title: `${title}: not answered`, value: failed, unit: "" },
    { title: `${title}: from the first to the last of these`, value: sample.unansweredForMs / 1000, unit: "s" },
    { title: `${title}: refused with 503`, value: refused, unit: "" },
    { title: `${title}: from the first failure of any kind to the last`, value: sample.refusedForMs / 1000, unit: "s" },
  ];
}

/** `kill -9` of the whole gateway, which is started again at once. */
export const killCase: BenchCase = {
  id: "kill",
  title: "kill -9 in mid-load at 500/s, started again at once",
  isQuick: false,
  async run(context) {
    const facts: Fact[] = [];
    for (const { store, redis } of listStores(context)) {
      for (const delayMs of [0, 50]) {
        await context.stage.standIn.ask({ kind: "delay", ms: delayMs });
        await using gateway = await startGateway(context.stage, { name: "gateway", ...(redis && { redis }) });
        await registerDevices(context.stage, gateway, context.sizes.callees);
        const sample = await measureHarm(context, gateway, async () => {
          await gateway.kill();
          gateway.spawnAgain();
        });
        facts.push(...readFacts(`${store}, provider at ${delayMs} ms`, sample));
      }
    }
    await context.stage.standIn.ask({ kind: "delay", ms: 0 });
    return { comparisons: [], facts, figures: {} };
  },
};

/** `kill -9` of one of two workers: the other one goes on. */
export const killWorkerCase: BenchCase = {
  id: "kill-worker",
  title: "kill -9 of one of two workers in mid-load at 500/s",
  isQuick: false,
  async run(context): Promise<CaseResult> {
    await using gateway = await startGateway(context.stage, { name: "gateway", processes: 2 });
    await registerDevices(context.stage, gateway, context.sizes.callees);
    await warmUp(context.stage, gateway, { ...closedPlan(context.sizes), count: context.sizes.warmUpPushes });
    const sample = await measureHarm(context, gateway, async () => {
      const [, worker] = listFamily(gateway.pid);
      if (worker === undefined) throw new Error("The gateway has no worker to kill.");
      process.kill(worker, "SIGKILL");
    });
    const figures = { "worker-refused": sample.unansweredForMs / 1000, "worker-lost": sample.lost };
    return { comparisons: [], facts: readFacts("SQLite, two processes", sample), figures };
  },
};
