/**
 * `npm run measure:overload`: what a gateway does with more requests than its processor time allows. It gets a fifth of a core, by a quota
 * with a period of 10 ms, and its load comes from another process at a fixed rate. Needs the right to make a cgroup.
 */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { buildAppsConfig } from "../../src/demo/simulated-setup.ts";
import { startSimulator, type Simulator } from "../../src/simulator/simulator.ts";
import { writeSimulatorFiles } from "../../src/simulator/simulator-files.ts";
import { startCli } from "../fixtures/cli-process.ts";
import { createCpuGroup } from "./cpu-quota.ts";
import type { Load, LoadResult } from "./open-loop.ts";

const QUOTA = { periodUs: 10_000, quotaUs: Number(process.env["OVERLOAD_QUOTA_US"] ?? 2_000) };
const SECONDS = Number(process.env["OVERLOAD_SECONDS"] ?? 15);
const ROUNDS = Number(process.env["OVERLOAD_ROUNDS"] ?? 3);
const WARM_UP_SECONDS = 8;
const SUBSCRIBERS = 500;
const KEYS = { a: "key-of-tenant-a-0123456789", b: "key-of-tenant-b-0123456789" };
/** The ticks in which Linux counts processor time. */
const MS_PER_TICK = 10;

interface Gateway extends AsyncDisposable {
  readonly port: number;
  /** Processor time used so far. */
  readCpuMs(): Promise<number>;
}

async function startGateway(simulator: Simulator, loopDelayMs: number | undefined): Promise<Gateway> {
  const directory = await mkdtemp(join(tmpdir(), "sip-pushd-overload-"));
  const stack = new AsyncDisposableStack();
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  await writeSimulatorFiles(simulator, directory);
  const limits = loopDelayMs === undefined ? "" : `limits: { loop_delay_ms: ${loopDelayMs} }\n`;
  const keys = Object.entries(KEYS).map(([name, key]) => `{ name: ${name}, key: ${key} }`);
  const config = `listen: [{ host: 127.0.0.1, port: 0 }]
store: { path: ${join(directory, "sip-pushd.db")}, max_pending: 1000000, max_pending_per_callee: 100000 }
auth: { keys: [${keys.join(", ")}] }
${limits}${buildAppsConfig(simulator)}`;
  await writeFile(join(directory, "config.yml"), config);
  const group = stack.use(await createCpuGroup(QUOTA));
  const cli = stack.use(startCli(["serve", "--config", join(directory, "config.yml")]));
  const [, port = ""] = await cli.waitFor(/"listen":"http:[^"]+:(\d+)"/);
  await register(Number(port));
  await warmUp(Number(port));
  const { pid = 0 } = cli.child;
  await group.add(pid);
  return {
    port: Number(port),
    async readCpuMs() {
      const fields = (await readFile(`/proc/${pid}/stat`, "utf8")).split(") ")[1]?.split(" ") ?? [];
      return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

async function register(port: number): Promise<void> {
  for (let number = 0; number < SUBSCRIBERS; number += 1) {
    await Promise.all(
      ["a.example", "b.example"].map(async (domain) => {
        const token = `token-${domain}-${number}`.padEnd(120, "x");
        const url = `http://127.0.0.1:${port}/v1/subscribers/user${number}@${domain}/devices/phone`;
        const body = JSON.stringify({ provider: "fcm", token });
        const answer = await fetch(url, { method: "PUT", headers: { "content-type": "application/json" }, body });
        if (!answer.ok) throw new Error(`A device was not registered: ${answer.status} ${await answer.text()}`);
      }),
    );
  }
}

/** At full speed, until the code is compiled: a fresh process would spend its quota on that. */
async function warmUp(port: number): Promise<void> {
  const load = { ...tenant("a", port, 1), seconds: WARM_UP_SECONDS, warmUpSeconds: 0 };
  await generate([{ ...load, name: "warm-up", concurrency: 64 }]);
  await generate([{ ...load, name: "flood", perSecond: 4_000, seconds: WARM_UP_SECONDS / 2 }]);
  await new Promise((resolve) => setTimeout(resolve, 5_000));
}

const tenant = (name: "a" | "b", port: number, perSecond: number): Load => ({
  name,
  port,
  key: KEYS[name],
  domain: `${name}.example`,
  perSecond,
  seconds: SECONDS,
  warmUpSeconds: 3,
  maxConnections: 8_000,
});

const run = promisify(execFile);

async function generate(loads: readonly Load[]): Promise<readonly LoadResult[]> {
  const script = join(import.meta.dirname, "open-loop.ts");
  const { stdout } = await run(process.execPath, [script, JSON.stringify(loads)]);
  const lines = stdout.trim().split("\n");
  return lines.map((line) => JSON.parse(line) as LoadResult);
}

async function measure(gateway: Gateway, loads: readonly Load[]): Promise<readonly LoadResult[]> {
  const cpuBefore = await gateway.readCpuMs();
  const results = await generate(loads);
  const cpuMs = (await gateway.readCpuMs()) - cpuBefore;
  for (const result of results) console.log(describe(result));
  console.log(`    ${Math.round(cpuMs)} ms of processor time`);
  await rest(gateway);
  return results;
}

/** Waits until the gateway has delivered what it accepted, so that it does not burden the next measurement. */
async function rest({ port }: Gateway): Promise<void> {
  const patience = performance.now() + 120_000;
  for (let calm = 0; calm < 3;) {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).then((response) => response.text());
    calm = /\b0 pending/.test(answer) && !answer.includes("overloaded") ? calm + 1 : 0;
    if (performance.now() > patience) throw new Error(`The gateway has not come to rest in two minutes: ${answer}`);
  }
}

function describe({ name, sent, accepted, refused, failed, reasons, acceptedMs, refusedMs }: LoadResult): string {
  const rates = [sent, accepted, refused, failed].map((rate) => rate.toFixed(0));
  const ms = ({ p50, p99, max }: LoadResult["acceptedMs"]) =>
    [p50, p99, max].map((value) => value.toFixed(0)).join("/");
  return `    ${name}: sent ${rates[0]}/s, accepted ${rates[1]}/s, refused ${rates[2]}/s, failed ${rates[3]}/s${failed > 0 ? ` ${JSON.stringify(reasons)}` : ""}; p50/p99/max ms: accepted ${ms(acceptedMs)}, refused ${ms(refusedMs)}`;
}

await using simulator = await startSimulator();
const delay = process.env["OVERLOAD_DELAY_MS"];
const loopDelayMs = delay === undefined ? undefined : Number(delay);

/** The phases of a round, in their order. Other load on the machine falls on all of them alike. */
interface Round {
  readonly capacity: number;
  readonly normal: LoadResult;
  readonly twice: LoadResult;
  readonly fiveTimes: LoadResult;
  readonly alone: LoadResult;
  readonly beside: LoadResult;
}

async function measureRound(unlimited: Gateway, gateway: Gateway): Promise<Round> {
  console.log("capacity: 32 requests at a time, nothing refused");
  const full = await measure(unlimited, [{ ...tenant("a", unlimited.port, 1), concurrency: 32 }]);
  const capacity = resultOf("a", full).accepted;
  const at = async (times: number): Promise<LoadResult> => {
    console.log(`${times} × capacity`);
    return resultOf("a", await measure(gateway, [tenant("a", gateway.port, capacity * times)]));
  };
  const normal = await at(0.7);
  const second = tenant("b", gateway.port, capacity / 5);
  console.log("tenant b alone, a fifth of the capacity");
  const alone = resultOf("b", await measure(gateway, [second]));
  const twice = await at(2);
  const fiveTimes = await at(5);
  console.log("tenant b, while tenant a floods with five times the capacity");
  const beside = resultOf("b", await measure(gateway, [tenant("a", gateway.port, capacity * 5), second]));
  return { capacity, normal, twice, fiveTimes, alone, beside };
}

function resultOf(name: string, results: readonly LoadResult[]): LoadResult {
  const result = results.find((one) => one.name === name);
  if (result === undefined) throw new Error(`The load generator printed no result for tenant ${name}.`);
  return result;
}

function medianOf(rounds: readonly Round[], read: (round: Round) => number): number {
  const values = rounds.map(read).toSorted((a, b) => a - b);
  const middle = Math.floor(values.length / 2);
  const upper = values[middle] ?? Number.NaN;
  return values.length % 2 === 1 ? upper : (upper + (values[middle - 1] ?? Number.NaN)) / 2;
}

await using unlimited = await startGateway(simulator, 0);
await using gateway = await startGateway(simulator, loopDelayMs);
const rounds: Round[] = [];
for (let round = 1; round <= ROUNDS; round += 1) {
  console.log(`\nround ${round} of ${ROUNDS}`);
  rounds.push(await measureRound(unlimited, gateway));
}

/** The median of the rounds, and each of them. */
function show(read: (round: Round) => number, format: (value: number) => string): string {
  return `${format(medianOf(rounds, read))} (${rounds.map((round) => format(read(round))).join(", ")})`;
}
const percent = (value: number) => `${Math.round(value * 100)} %`;
const ratio = (value: number) => value.toFixed(2);
const perSecond = (value: number) => `${value.toFixed(1)}/s`;
console.log(`
medians of ${ROUNDS} rounds (each round)
capacity: ${show(({ capacity }) => capacity, perSecond)}
goodput of capacity at 2 ×, 75 % wanted: ${show(({ twice, capacity }) => twice.accepted / capacity, percent)}
goodput of capacity at 5 ×, 35 % wanted: ${show(({ fiveTimes, capacity }) => fiveTimes.accepted / capacity, percent)}
accepted p99 of normal at 2 ×, at most 2 wanted: ${show(({ twice, normal }) => twice.acceptedMs.p99 / normal.acceptedMs.p99, ratio)}
accepted p99 of normal at 5 ×, at most 2 wanted: ${show(({ fiveTimes, normal }) => fiveTimes.acceptedMs.p99 / normal.acceptedMs.p99, ratio)}
second tenant's p99 of its own, at most 2 wanted: ${show(({ beside, alone }) => beside.acceptedMs.p99 / alone.acceptedMs.p99, ratio)}
refused of the second tenant: ${show(({ beside }) => beside.refused, perSecond)}`);
