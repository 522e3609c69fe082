import { compare, ratioOf, type Row } from "../measure/compare.ts";
import type { Sample } from "../measure/measure-load.ts";
import { registerDevices, warmUp } from "../measure/prepare.ts";
import { startFloor } from "../stage/floor.ts";
import { startGateway } from "../stage/gateway.ts";
import { startPeer, type Peer } from "../stage/peer.ts";
import { closedPlan, openPlan } from "./base.ts";
import type { BenchCase } from "./bench-case.ts";

const cpuWithRedis = ({ cpuUs, redisCpuUs }: Sample) => cpuUs + redisCpuUs;

/** The gateway with Redis (or SQLite, if there is no Redis) beside another gateway, at saturation and at 500/s. */
export function buildPeerCase(peer: Peer): BenchCase {
  return {
    id: "peer",
    title: `beside ${peer.name}`,
    isQuick: true,
    async run({ stage, redis, sizes }) {
      await using floor = await startFloor(stage, redis);
      await using gateway = await startGateway(stage, { name: "gateway", ...(redis && { redis }) });
      await using other = await startPeer(stage, peer, redis);
      await registerDevices(stage, gateway, sizes.callees);
      const parties = [floor, gateway, other];
      for (const party of parties) await warmUp(stage, party, { ...closedPlan(sizes), count: sizes.warmUpPushes });
      const closed = await compare(stage, parties, closedPlan(sizes), sizes.rounds);
      const open = await compare(stage, parties, openPlan(sizes), sizes.rounds);
      const ratio = ([, own, theirs]: readonly Row[]) => ratioOf(own, theirs, cpuWithRedis) ?? Number.NaN;
      const title = redis === undefined ? "SQLite" : "Redis";
      const comparisons = [closed, open].map((rows) => ({ title, rows }));
      return { comparisons, facts: [], figures: { "peer-closed": ratio(closed), "peer-500": ratio(open) } };
    },
  };
}
