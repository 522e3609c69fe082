import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, open, readFile, rm } from "node:fs/promises";
import { Agent, request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { InvalidArgumentError, type Command } from "commander";
import { requestJson, type HttpTarget } from "../client/request-json.ts";
import {
  CliError,
  createCommand,
  EXIT_CODES,
  formatTable,
  runAction,
  writeJson,
  writeLine,
  type CliIo,
} from "./output.ts";

interface BenchOptions {
  /** Milliseconds that the answer to a request may take at p99. */
  readonly p99: number;
  /** Of 100 requests; the others are calls. */
  readonly messages: number;
  /** Of 100 subscribers; the others have iPhones. */
  readonly android: number;
  readonly devices: number;
  readonly processes: number;
  readonly durability: string;
  /** Duration of each step. */
  readonly seconds: number;
  readonly json?: boolean;
}

/** One rate that was tried. */
export interface Step {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly refused: number;
  /** True if all accepted pushes had been delivered two seconds later. */
  readonly isDelivered: boolean;
}

const SUBSCRIBERS = 200;
const DOMAIN = "bench.example";
const FIRST_RATE = 50;
const HIGHEST_RATE = 20_000;
/** Halvings of the gap between a rate that was kept and one that was not. */
const REFINEMENTS = 3;
const WARM_UP_SECONDS = 4;
const WARM_UP_RATE = 200;
const START_TIMEOUT_MS = 30_000;
const DELIVERY_TIMEOUT_MS = 2_000;
const LOOK_EVERY_MS = 50;
const MOST_CONNECTIONS = 512;

const HELP = `
Starts a gateway and the simulator of Apple and Google on this machine, each in a process of its own, and raises the
rate of requests until the answers take longer than the limit, or pushes are late. Simulator and load use this
machine's cores, too, so a gateway that has the machine to itself does more. Nothing leaves the machine.

  sip-pushd bench --messages 60 --android 70 --devices 2

Exit codes: 0 measured, 1 not even ${FIRST_RATE} requests/s keep the limit.`;

export function buildBenchCommand(io: CliIo): Command {
  return createCommand(io, "bench")
    .description("measure how many calls and messages per second this machine takes")
    .option("--p99 <ms>", "limit for 99 of 100 answers", readFrom(1), 15)
    .option("--messages <percent>", "messages among the requests; the others are calls", readPercent, 0)
    .option("--android <percent>", "subscribers with Android; the others have iPhones", readPercent, 50)
    .option("--devices <number>", "devices of each subscriber", readFrom(1), 1)
    .option("--processes <number>", "worker processes of the gateway", readFrom(1), 1)
    .option("--durability <level>", "process or disk (SQLite)", "process")
    .option("--seconds <number>", "duration of each rate", readFrom(1), 4)
    .option("--json", "print the result as JSON")
    .addHelpText("after", HELP)
    .action((options: BenchOptions) => runAction(io, () => runBench(options, io)));
}

function readFrom(least: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (!Number.isInteger(number) || number < least) throw new InvalidArgumentError(`a whole number from ${least} on`);
    return number;
  };
}

function readPercent(text: string): number {
  const percent = readFrom(0)(text);
  if (percent > 100) throw new InvalidArgumentError("a number from 0 to 100");
  return percent;
}

async function runBench(options: BenchOptions, io: CliIo): Promise<number> {
  const say = (line: string): void => {
    if (!options.json) writeLine(io, line);
  };
  say("Starting a gateway and the simulator …");
  await using target = await startTarget(options);
  await registerAll(target, options);
  await sendAtRate(target, options, { perSecond: WARM_UP_RATE, seconds: WARM_UP_SECONDS });
  const steps = await findHighestRate(options, async (perSecond) => {
    const step = await measureStep(target, options, perSecond);
    say(describe(step));
    return step;
  });
  const best = steps
    .filter((step) => isKept(step, options))
    .reduce((most, { perSecond }) => Math.max(most, perSecond), 0);
  const unit = options.messages === 0 ? "calls" : options.messages === 100 ? "messages" : "requests";
  if (options.json) writeJson(io, { perSecond: best, p99Ms: options.p99, unit, options, steps });
  else if (best === 0) writeLine(io, `\nthis machine: fewer than ${FIRST_RATE} ${unit}/s at p99 ${options.p99} ms`);
  else writeLine(io, `\nthis machine: ${best} ${unit}/s at p99 ${options.p99} ms`);
  return best === 0 ? EXIT_CODES.notDone : EXIT_CODES.ok;
}

/** Doubles the rate as long as it is kept, then halves the gap. Returns all rates that were tried. */
export async function findHighestRate(
  options: Pick<BenchOptions, "p99">,
  measure: (rate: number) => Promise<Step>,
): Promise<readonly Step[]> {
  const steps: Step[] = [];
  const keeps = async (rate: number): Promise<boolean> => {
    const step = await measure(rate);
    steps.push(step);
    return isKept(step, options);
  };
  let kept = 0;
  let missed = FIRST_RATE;
  while (missed <= HIGHEST_RATE && (await keeps(missed))) [kept, missed] = [missed, missed * 2];
  for (let turn = 0; kept > 0 && turn < REFINEMENTS; turn += 1) {
    const middle = Math.round((kept + missed) / 2);
    if (await keeps(middle)) kept = middle;
    else missed = middle;
  }
  return steps;
}

function isKept({ p99Ms, refused, isDelivered }: Step, { p99 }: Pick<BenchOptions, "p99">): boolean {
  return p99Ms <= p99 && refused === 0 && isDelivered;
}

function describe({ perSecond, p50Ms, p99Ms, refused, isDelivered }: Step): string {
  const cells = [`${perSecond}/s`, `p50 ${p50Ms.toFixed(1)} ms`, `p99 ${p99Ms.toFixed(1)} ms`];
  const notes = [...(refused > 0 ? [`${refused} refused`] : []), ...(isDelivered ? [] : ["deliveries are late"])];
  return `  ${formatTable([[...cells, ...notes]])[0] ?? ""}`;
}

interface BenchTarget extends AsyncDisposable {
  readonly http: HttpTarget;
  readonly agent: Agent;
}

/** Starts simulator and gateway as the commands `simulate` and `serve` of this program. */
async function startTarget(options: BenchOptions): Promise<BenchTarget> {
  await using opened = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), "sip-pushd-bench-"));
  opened.defer(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }));
  const config = join(directory, "config.yml");
  await startCommand(opened, ["simulate", "--dir", directory, "--port", "0"], join(directory, "simulate.log"), {});
  await waitFor("the simulator", async () => (existsSync(config) ? config : undefined));
  const log = join(directory, "serve.log");
  await startCommand(opened, ["serve", "--config", config], log, {
    STATE_DIRECTORY: directory,
    SIP_PUSHD_HOST: "127.0.0.1",
    SIP_PUSHD_PORT: "0",
    SIP_PUSHD_LISTEN: "[]",
    SIP_PUSHD_PROCESSES: String(options.processes),
    SIP_PUSHD_STORE_DURABILITY: options.durability,
  });
  const url = await waitFor("the gateway", async () => {
    const text = await readFile(log, "utf8");
    if (/"level":"fatal"|exit code/.test(text))
      throw new CliError("gateway_failed", `The gateway did not start: ${text}`);
    return /"listen":"(https:[^"]+)"/.exec(text)?.[1];
  });
  const ca = await readFile(join(directory, "ca.crt"), "utf8");
  const agent = new Agent({ keepAlive: true, maxSockets: MOST_CONNECTIONS, ca, servername: "localhost" });
  opened.defer(() => agent.destroy());
  const resources = opened.move();
  const http = { url: new URL(url), ca, serverName: "localhost" };
  return { http, agent, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

async function startCommand(
  opened: AsyncDisposableStack,
  args: readonly string[],
  logFile: string,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  await using log = await open(logFile, "a");
  const command = [process.argv[1] ?? "", ...args];
  const child = spawn(process.execPath, command, {
    stdio: ["ignore", log.fd, log.fd],
    env: { ...process.env, ...env },
  });
  opened.defer(() => stop(child));
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  const force = setTimeout(() => child.kill("SIGKILL"), DELIVERY_TIMEOUT_MS);
  await exited;
  clearTimeout(force);
}

async function waitFor<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  for (const until = performance.now() + START_TIMEOUT_MS; performance.now() < until; await pause(LOOK_EVERY_MS)) {
    const found = await look();
    if (found !== undefined) return found;
  }
  throw new CliError("not_started", `Waited ${START_TIMEOUT_MS / 1000} s in vain for ${what}.`);
}

async function registerAll({ http }: BenchTarget, { android, devices }: BenchOptions): Promise<void> {
  for (let number = 0; number < SUBSCRIBERS * devices; number += 1) {
    const subscriber = number % SUBSCRIBERS;
    const isAndroid = subscriber % 100 < android;
    const token = `${randomBytes(11).toString("base64url")}:APA91b${randomBytes(90).toString("base64url")}`;
    const tokens = { voip: randomBytes(32).toString("hex"), remote: randomBytes(32).toString("hex") };
    const body = isAndroid ? { provider: "fcm", token } : { provider: "apns", tokens };
    const path = `/v1/subscribers/user${subscriber}@${DOMAIN}/devices/device${number}`;
    const { status } = await requestJson(http, { method: "PUT", path, body });
    if (status !== 201) throw new CliError("registration_failed", `A registration was answered with ${status}.`);
  }
}

async function measureStep(target: BenchTarget, options: BenchOptions, perSecond: number): Promise<Step> {
  const { taken, refused } = await sendAtRate(target, options, { perSecond, seconds: options.seconds });
  const sorted = Float64Array.from(taken).toSorted();
  const at = (share: number) => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Infinity;
  return { perSecond, p50Ms: at(0.5), p99Ms: at(0.99), refused, isDelivered: await isQueueEmpty(target) };
}

async function isQueueEmpty({ http }: BenchTarget): Promise<boolean> {
  for (const until = performance.now() + DELIVERY_TIMEOUT_MS; performance.now() < until; await pause(LOOK_EVERY_MS)) {
    const { body } = await requestJson(http, { method: "GET", path: "/readyz" });
    if (/\b0 pending/.test(JSON.stringify(body))) return true;
  }
  return false;
}

interface Rate {
  readonly perSecond: number;
  readonly seconds: number;
}

/** Sends at a fixed rate, whatever the answers do. Times begin when a request was due. */
async function sendAtRate(target: BenchTarget, options: BenchOptions, { perSecond, seconds }: Rate) {
  const startedAt = performance.now();
  const taken: number[] = [];
  let refused = 0;
  const sent: Promise<void>[] = [];
  for (let number = 0; number < perSecond * seconds;) {
    for (const now = performance.now(); number < perSecond * seconds; number += 1) {
      const dueAt = startedAt + (number * 1000) / perSecond;
      if (dueAt > now) break;
      const noteStatus = (status: number): void => {
        if (status < 300 && status > 0) taken.push(performance.now() - dueAt);
        else refused += 1;
      };
      sent.push(sendPush(target, number % 100 < options.messages, number % SUBSCRIBERS).then(noteStatus));
    }
    await pause(1);
  }
  await Promise.all(sent);
  return { taken, refused };
}

/** Returns the status, or 0 without an answer. */
function sendPush({ http, agent }: BenchTarget, isMessage: boolean, subscriber: number): Promise<number> {
  const callee = `user${subscriber}@${DOMAIN}`;
  const id = randomBytes(12).toString("hex");
  const body = isMessage ? { kind: "message", callee, push_id: id, alert: "Hello" } : { call_id: id, callee };
  const headers = { "content-type": "application/json" };
  return new Promise((resolve) => {
    const outgoing = request(new URL(isMessage ? "/v1/pushes" : "/v1/calls", http.url), {
      method: "POST",
      agent,
      headers,
    });
    outgoing.on("response", (answer) => {
      answer.resume();
      answer.on("end", () => resolve(answer.statusCode ?? 0));
    });
    outgoing.on("error", () => resolve(0));
    outgoing.end(JSON.stringify(body));
  });
}
