import { setTimeout as pause } from "node:timers/promises";
import { measureLoad } from "../measure/measure-load.ts";
import { registerDevices } from "../measure/prepare.ts";
import { startFloor } from "../stage/floor.ts";
import { startGateway } from "../stage/gateway.ts";
import { readRssBytes } from "../stage/process-figures.ts";
import { closedPlan } from "./base.ts";
import type { BenchCase, Fact } from "./bench-case.ts";

const MB = 1024 * 1024;
const FRESH_MS = 1_000;
const REST_MS = 12_000;
/** Loads at saturation, one after the other. */
const LOADS = 6;

export const memoryCase: BenchCase = {
  id: "memory",
  title: "resident memory: fresh, at saturation, after 12 s of rest (SQLite)",
  isQuick: false,
  async run({ stage, sizes }) {
    await using floor = await startFloor(stage, undefined);
    await using gateway = await startGateway(stage, { name: "gateway" });
    await pause(FRESH_MS);
    const readMb = (pid: number) => readRssBytes(pid) / MB;
    const [freshFloor, fresh] = [readMb(floor.pid), readMb(gateway.pid)];
    await registerDevices(stage, gateway, sizes.callees);
    const facts: Fact[] = [
      { title: "floor, fresh", value: freshFloor, unit: "MB" },
      { title: "gateway, fresh", value: fresh, unit: "MB" },
    ];
    let last = 0;
    for (let load = 1; load <= LOADS; load += 1) {
      const { rssMb, accepted } = await measureLoad(stage, gateway, closedPlan(sizes));
      last = rssMb;
      facts.push({ title: `gateway, after load ${load} of ${accepted} pushes`, value: rssMb, unit: "MB" });
    }
    await pause(REST_MS);
    facts.push({ title: "gateway, after 12 s of rest", value: readMb(gateway.pid), unit: "MB" });
    return { comparisons: [], facts, figures: { "rss-fresh": fresh / freshFloor, "rss-saturated": last } };
  },
};
