import { compare, ratioOf } from "../measure/compare.ts";
import { copyDevices, copyPushes, copyRedisSubscriber } from "../measure/copy-store.ts";
import { measureLoad } from "../measure/measure-load.ts";
import { registerDevices, warmUp } from "../measure/prepare.ts";
import { databaseOf, readStoreBytes } from "../measure/store-size.ts";
import { startGateway, type Gateway, type GatewayVariant } from "../stage/gateway.ts";
import { DOMAIN, fillHex, PUSHES_MESSAGE } from "../stage/templates.ts";
import type { Figures } from "../report/targets.ts";
import { closedPlan, cpuOf, openPlan } from "./base.ts";
import { listStores, type BenchCase, type CaseContext, type Comparison, type Fact } from "./bench-case.ts";
import { measureStart } from "./start.ts";

const MILLION = 1_000_000;
const COUNTS = [100_000, MILLION] as const;
const SHARDS = 16;
/** Above the number of callees, so that copies have tokens of their own. */
const FIRST_COPY = 100_000;

/** Starts a gateway with registered devices, lets `fill` change its store while it is stopped, and warms it up. */
async function startFilled(
  context: CaseContext,
  variant: GatewayVariant,
  fill: (gateway: Gateway) => Promise<void> | void,
) {
  const { stage, sizes } = context;
  const gateway = await startGateway(stage, variant);
  await registerDevices(stage, gateway, sizes.callees);
  await measureLoad(stage, gateway, { ...closedPlan(sizes), count: sizes.callees });
  const before = await readStoreBytes(gateway);
  await gateway.kill();
  await fill(gateway);
  const start = await measureStart(stage, gateway);
  const bytes = (await readStoreBytes(gateway)) - before;
  await warmUp(stage, gateway, { ...closedPlan(sizes), count: sizes.warmUpPushes });
  return { gateway, bytes, start };
}

async function fillDevices(context: CaseContext, gateway: Gateway, count: number): Promise<void> {
  const { redis } = gateway.variant;
  if (redis === undefined) copyDevices(databaseOf(gateway), count);
  else {
    await copyRedisSubscriber({
      redis,
      keyPrefix: gateway.keyPrefix,
      shards: SHARDS,
      subscriber: `u1@${DOMAIN}`,
      token: fillHex(1),
      wanted: count - context.sizes.callees,
      name: (n) => ({ subscriber: `copy${n}@${DOMAIN}`, token: fillHex(FIRST_COPY + n) }),
    });
  }
}

export const manyDevicesCase: BenchCase = {
  id: "many-devices",
  title: "100 000 and 1 000 000 registered devices instead of 1 000",
  isQuick: false,
  async run(context) {
    const { stage, sizes } = context;
    const comparisons: Comparison[] = [];
    const facts: Fact[] = [];
    let figures: Figures = {};
    for (const { store, redis } of listStores(context)) {
      const own = redis && { redis };
      await using few = await startGateway(stage, { name: "1 000 devices", ...own });
      await registerDevices(stage, few, sizes.callees);
      await warmUp(stage, few, { ...closedPlan(sizes), count: sizes.warmUpPushes });
      for (const count of COUNTS) {
        const variant = { name: `${count} devices`, ...own };
        const filled = await startFilled(context, variant, (gateway) => fillDevices(context, gateway, count));
        await using many = filled.gateway;
        const bytes = filled.bytes / (count - sizes.callees);
        facts.push({ title: `${store}, ${count} devices: bytes per device`, value: bytes, unit: "bytes" });
        facts.push({ title: `${store}, ${count} devices: start`, value: filled.start.seconds, unit: "s" });
        const closed = await compare(stage, [few, many], closedPlan(sizes), sizes.rounds);
        const open = await compare(stage, [few, many], openPlan(sizes), sizes.rounds);
        comparisons.push({ title: store, rows: closed }, { title: store, rows: open });
        if (count < MILLION) continue;
        const ratio = ratioOf(open[1], open[0], cpuOf) ?? Number.NaN;
        figures = { ...figures, [`million-devices-${store.toLowerCase()}`]: ratio };
        if (redis !== undefined) figures = { ...figures, "device-bytes-redis": bytes };
      }
    }
    return { comparisons, facts, figures };
  },
};

/** Room for a million of waiting messages. */
const ROOMY = ", max_pending: 100000000, max_pending_mb: 1000000, max_pending_per_callee: 100000000";

/** SQLite alone: Redis keeps the waiting pushes in memory, which a machine for benches may not have. */
function buildPushesCase(id: string, title: string, isWaiting: boolean): BenchCase {
  return {
    id,
    title,
    isQuick: false,
    async run(context) {
      const { stage, sizes } = context;
      const comparisons: Comparison[] = [];
      const facts: Fact[] = [];
      let figures: Figures = {};
      await using few = await startGateway(stage, { name: "none", store: ROOMY });
      await registerDevices(stage, few, sizes.callees);
      await warmUp(stage, few, { ...closedPlan(sizes), count: sizes.warmUpPushes });
      for (const count of COUNTS) {
        const variant = { name: `${count} pushes`, store: ROOMY };
        const { gateway, bytes, start } = await startFilled(context, variant, async (stopped) => {
          if (isWaiting) await leaveWaiting(context, stopped);
          copyPushes(databaseOf(stopped), count);
        });
        await using many = gateway;
        facts.push({ title: `${count} pushes: bytes per push`, value: bytes / count, unit: "bytes" });
        facts.push({ title: `${count} pushes: start to the first accepted push`, value: start.seconds, unit: "s" });
        const rows = await compare(stage, [few, many], openPlan(sizes), sizes.rounds);
        comparisons.push({ title: "SQLite", rows });
        if (isWaiting && count === MILLION)
          figures = { "million-waiting": ratioOf(rows[1], rows[0], cpuOf) ?? Number.NaN };
      }
      return { comparisons, facts, figures };
    },
  };
}

/** Leaves messages in the queue of a stopped gateway: it accepts them while FCM is away, and is killed. */
async function leaveWaiting({ stage, sizes }: CaseContext, gateway: Gateway): Promise<void> {
  await stage.standIn.ask({ kind: "away", isAway: true });
  await measureStart(stage, gateway);
  const messages = { ...gateway, template: PUSHES_MESSAGE };
  await measureLoad(stage, messages, { ...closedPlan(sizes), count: sizes.callees, isDelivered: false });
  await gateway.kill();
  await stage.standIn.ask({ kind: "away", isAway: false });
}

export const endedPushesCase = buildPushesCase("ended", "100 000 and 1 000 000 ended pushes in the file", false);
export const waitingPushesCase = buildPushesCase("waiting", "100 000 and 1 000 000 waiting messages", true);
