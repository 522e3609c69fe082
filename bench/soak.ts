/**
 * `npm run bench:soak`: 20 minutes at 200/s, then: does anything grow? Looks after each minute at the heap after a
 * garbage collection, at handles and at file descriptors. Options: `--minutes N`, `--strict`, `--no-build`.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { pathToFileURL } from "node:url";
import { setTimeout as pause } from "node:timers/promises";
import { formatTable } from "../src/cli/output.ts";
import { runStep } from "../scripts/run-step.ts";
import { slopeOf } from "./arithmetic/statistics.ts";
import { hasMissed, judge, type JudgedTarget } from "./arithmetic/verdicts.ts";
import { getText } from "./measure/send-once.ts";
import { measureLoad } from "./measure/measure-load.ts";
import { registerDevices } from "./measure/prepare.ts";
import { formatVerdicts } from "./report/format-report.ts";
import { describeMachine, writeReport } from "./report/write-report.ts";
import { startGateway, type Gateway } from "./stage/gateway.ts";
import { readRssBytes } from "./stage/process-figures.ts";
import { openStage } from "./stage/stage.ts";

const PER_SECOND = 200;
const CALLEES = 1_000;
const DEFAULT_MINUTES = 20;
/** Minutes at the beginning that do not count: caches fill, and code is compiled. */
const WARM_UP_MINUTES = 2;
const MB = 1024 * 1024;
/** After its last push the gateway closes what it no longer needs. */
const REST_MS = 3_000;
const COLLECTOR = pathToFileURL(join(import.meta.dirname, "../test/fixtures/collect-on-signal.ts")).href;

interface Look {
  readonly minute: number;
  readonly heapMb: number;
  readonly handles: number;
  readonly descriptors: number;
  readonly rssMb: number;
}

async function look(gateway: Gateway, minute: number): Promise<Look> {
  await pause(REST_MS);
  process.kill(gateway.pid, "SIGUSR2");
  // The answer comes after the garbage collection, which stops everything.
  await getText(gateway.target, "/metrics");
  const page = await getText(gateway.target, "/metrics");
  const read = (name: string) => Number(new RegExp(`^sip_pushd_${name} (\\S+)`, "m").exec(page)?.[1]);
  return {
    minute,
    heapMb: read("nodejs_heap_size_used_bytes") / MB,
    handles: read("nodejs_active_handles_total"),
    descriptors: readdirSync(`/proc/${gateway.pid}/fd`).length,
    rssMb: readRssBytes(gateway.pid) / MB,
  };
}

function judgeLooks(looks: readonly Look[]): readonly JudgedTarget[] {
  const steady = looks.filter(({ minute }) => minute >= WARM_UP_MINUTES);
  const slope = slopeOf(steady.map(({ minute, heapMb }) => [minute / 60, heapMb]));
  const [first, last] = [steady[0], steady.at(-1)];
  const more = (read: (one: Look) => number) =>
    first === undefined || last === undefined ? Number.NaN : read(last) - read(first);
  return [
    judge({ id: "heap", title: "heap after a collection, MiB per hour", bound: "at most", limit: 1 }, slope),
    judge(
      { id: "handles", title: "handles more at the end", bound: "at most", limit: 0 },
      more((one) => one.handles),
    ),
    judge(
      { id: "descriptors", title: "file descriptors more at the end", bound: "at most", limit: 0 },
      more((one) => one.descriptors),
    ),
  ];
}

function format(looks: readonly Look[]): readonly string[] {
  const rows = looks.map(({ minute, heapMb, handles, descriptors, rssMb }) => [
    String(minute),
    heapMb.toFixed(2),
    String(handles),
    String(descriptors),
    rssMb.toFixed(0),
  ]);
  return formatTable([["minute", "heap MiB", "handles", "descriptors", "RSS MiB"], ...rows]);
}

async function soak(minutes: number): Promise<readonly JudgedTarget[]> {
  const [machine, startedAt] = [describeMachine(), new Date().toISOString()];
  await using stage = await openStage();
  const env = { NODE_OPTIONS: `--expose-gc --import ${COLLECTOR}` };
  await using gateway = await startGateway(stage, { name: "gateway", env });
  await registerDevices(stage, gateway, CALLEES);
  const looks: Look[] = [];
  for (let minute = 1; minute <= minutes; minute += 1) {
    const plan = { count: PER_SECOND * 60, perSecond: PER_SECOND, callees: CALLEES };
    const { lost, refused, failed } = await measureLoad(stage, gateway, plan);
    looks.push(await look(gateway, minute));
    console.log(`minute ${minute}: ${lost} lost, ${refused + failed} refused; ${format(looks.slice(-1)).at(-1)}`);
  }
  const targets = judgeLooks(looks);
  const lines = [...format(looks), "", ...formatVerdicts(targets)];
  console.log(`\n${lines.join("\n")}`);
  console.log(await writeReport("soak", { startedAt, machine, looks, targets }, lines.join("\n")));
  return targets;
}

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: String(DEFAULT_MINUTES) },
    strict: { type: "boolean", default: false },
    "no-build": { type: "boolean", default: false },
  },
});
if (!values["no-build"]) await runStep(["node", "scripts/build.ts"]);
if (hasMissed(await soak(Number(values.minutes))) && values.strict) process.exitCode = 1;
