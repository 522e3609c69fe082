import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { startSimulator, type Simulator } from "../../src/simulator/simulator.ts";
import { writeSimulatorFiles } from "../../src/simulator/simulator-files.ts";
import { ANDROID_TOKEN } from "../fixtures/builders.ts";
import { startCli, type CliProcess } from "../fixtures/cli-process.ts";
import { buildAppsConfig } from "../../src/demo/simulated-setup.ts";
import { callApi, LISTENERS_CONFIG } from "../fixtures/gateway-processes.ts";

// Each test starts at least three processes in sequence.
vi.setConfig({ testTimeout: 60_000 });

let simulator: Simulator;
let directory: string;
let file: string;
let started: AsyncDisposableStack;

beforeEach(async () => {
  started = new AsyncDisposableStack();
  simulator = await startSimulator();
  directory = await mkdtemp(join(tmpdir(), "sip-pushd-processes-"));
  await writeSimulatorFiles(simulator, directory);
  file = join(directory, "config.yml");
  await writeFile(file, `processes: 2\nlog: { level: debug }\n${LISTENERS_CONFIG}${buildAppsConfig(simulator)}`);
});

afterEach(async () => {
  await started.disposeAsync();
  await simulator[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

interface Cluster {
  readonly gateway: CliProcess;
  readonly plain: string;
  /** The log so far. */
  readonly lines: () => readonly Line[];
  /** Process id of the worker that has the number now. */
  readonly pidOf: (worker: number) => number;
}

interface Line {
  readonly msg: string;
  readonly worker?: number;
  readonly pid?: number;
  readonly listen?: string;
}

/** Starts a gateway of two serving workers, with a phone. */
async function serve(): Promise<Cluster> {
  const gateway = started.use(startCli(["serve", "--config", file]));
  let log = "";
  gateway.child.stdout?.on("data", (text: string) => (log += text));
  const lines = () =>
    log
      .split("\n")
      .slice(0, -1)
      .map((line): Line => JSON.parse(line));
  const [, plain = ""] = await gateway.waitFor(/"worker":1,"listen":"(http:[^"]+)"/);
  const [, again] = await gateway.waitFor(/"worker":2,"listen":"(http:[^"]+)"/);
  expect(again).toBe(plain);
  await callApi({ plain }, "PUT", "/v1/subscribers/alice%40example.org/devices/pixel", {
    provider: "fcm",
    token: ANDROID_TOKEN,
  });
  const pidOf = (worker: number) =>
    lines().findLast((line) => line.msg === "worker started" && line.worker === worker)?.pid ?? Number.NaN;
  return { gateway, plain, lines, pidOf };
}

/** Uses a new connection, which goes to the next worker. */
function getOnce(url: string): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => (text += part));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text })).on("error", reject);
    }).on("error", reject);
  });
}

const pushUrl = (plain: string, id: string) => `${plain}/push?caller=1&callee=alice&domain=example.org&push_id=${id}`;

/** Sums the series of a metric. */
async function readMetric(plain: string, name: string): Promise<number> {
  const { text } = await getOnce(`${plain}/metrics`);
  const values = text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, "gm"));
  return [...values].reduce((sum, [, value]) => sum + Number(value), 0);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Returns the worker that holds a push which the phone's provider does not answer. */
async function leavePushInFlight({ gateway, plain }: Cluster, id: string): Promise<number> {
  simulator.script(ANDROID_TOKEN, { transport: "silent", times: 1 });
  await getOnce(pushUrl(plain, id));
  await simulator.mailbox.waitForAttempt(({ token }) => token === ANDROID_TOKEN);
  const [, worker] = await gateway.waitFor(new RegExp(`"worker":(\\d).*"push_id":.*"msg":"push accepted"`));
  return Number(worker);
}

it("accepts pushes in every worker, delivers each of them once, and counts them all on one page", async () => {
  const cluster = await serve();
  const ids = Array.from({ length: 40 }, (_, index) => `push-${index}`);

  const answers = await Promise.all(ids.map((id) => getOnce(pushUrl(cluster.plain, id))));

  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  await vi.waitFor(() => expect(simulator.mailbox.deliveries()).toHaveLength(40), 5_000);
  const accepted = cluster.lines().filter(({ msg }) => msg === "push accepted");
  expect(new Set(accepted.map(({ worker }) => worker))).toEqual(new Set([1, 2]));
  for (let scrape = 1; scrape <= 4; scrape += 1) {
    expect(await readMetric(cluster.plain, "sip_pushd_pushes_accepted_total")).toBe(40);
  }
  const readEnded = () => readMetric(cluster.plain, "sip_pushd_pushes_ended_total");
  await vi.waitFor(async () => expect(await readEnded()).toBe(40), 5_000);
  cluster.gateway.child.kill("SIGTERM");
  await cluster.gateway.end;
  expect(simulator.mailbox.attempts().filter(({ token }) => token === ANDROID_TOKEN)).toHaveLength(40);
});

it("delivers within seconds what a killed worker had accepted, starts another one, and goes on counting", async () => {
  const cluster = await serve();
  const { gateway, plain, pidOf } = cluster;
  const worker = await leavePushInFlight(cluster, "orphan");
  expect(await readMetric(plain, "sip_pushd_pushes_accepted_total")).toBe(1);
  const killed = pidOf(worker);

  process.kill(killed, "SIGKILL");

  await simulator.mailbox.waitFor(({ token }) => token === ANDROID_TOKEN, { timeoutMs: 7_000 });
  await gateway.waitFor(new RegExp(`ended unasked[^]*"worker":${worker},"listen"`));
  expect(pidOf(worker)).not.toBe(killed);
  expect(await readMetric(plain, "sip_pushd_pushes_accepted_total")).toBe(1);
  expect(await readMetric(plain, "sip_pushd_workers_ended_total")).toBe(1);
});

it("stops all workers on SIGTERM and ends with 0", async () => {
  const cluster = await serve();
  const pids = [1, 2].map(cluster.pidOf);
  cluster.gateway.child.kill("SIGTERM");

  const { code, stderr } = await cluster.gateway.end;

  expect([code, stderr]).toEqual([0, ""]);
  expect(pids.filter(isAlive)).toEqual([]);
  expect(cluster.lines().filter(({ msg }) => msg.startsWith("stopping: pushes"))).toHaveLength(2);
});

it("ends with 0, too, where every process of the group gets the signal", async () => {
  const cluster = await serve();
  const pids = [1, 2].map(cluster.pidOf);
  for (const pid of [...pids, cluster.gateway.child.pid ?? Number.NaN]) process.kill(pid, "SIGINT");

  const { code } = await cluster.gateway.end;

  expect(code).toBe(0);
  expect(pids.filter(isAlive)).toEqual([]);
});

it("leaves no worker behind where a second signal cuts the stop short", async () => {
  const cluster = await serve();
  const { gateway, pidOf } = cluster;
  await leavePushInFlight(cluster, "slow");
  const pids = [1, 2].map(pidOf);
  gateway.child.kill("SIGTERM");
  await gateway.waitFor(/stopping all workers/);

  gateway.child.kill("SIGTERM");

  expect((await gateway.end).code).toBe(130);
  await vi.waitFor(() => expect(pids.filter(isAlive)).toEqual([]), 5_000);
});

it("leaves no worker behind where the process that looks after them is killed", async () => {
  const cluster = await serve();
  const pids = [1, 2].map(cluster.pidOf);

  cluster.gateway.child.kill("SIGKILL");

  await vi.waitFor(() => expect(pids.filter(isAlive)).toEqual([]), 5_000);
});

it("takes a changed configuration up in all workers on SIGHUP, also in later ones, and refuses a broken one once", async () => {
  const cluster = await serve();
  const { gateway, plain, lines, pidOf } = cluster;
  const text = await readFile(file, "utf8");
  const readCodes = async () => {
    const url = `${plain}/push?caller=1&callee=bob&domain=off.example.org`;
    const answers = await Promise.all(Array.from({ length: 4 }, () => getOnce(url)));
    return new Set(answers.map((answer) => JSON.parse(answer.text).code));
  };
  await writeFile(file, `${text}\ndomains: [{ domain: off.example.org, enable: no }]\n`);

  gateway.child.kill("SIGHUP");
  await gateway.waitFor(/(?:configuration reloaded[^]*){2}/);

  expect(await readCodes()).toEqual(new Set(["domain_disabled"]));
  await writeFile(file, "port: nonsense\n");
  gateway.child.kill("SIGHUP");
  await gateway.waitFor(/new configuration refused.*port/);
  expect(await readMetric(plain, "sip_pushd_config_last_reload_successful")).toBe(0);
  process.kill(pidOf(1), "SIGKILL");
  await gateway.waitFor(/ended unasked[^]*"worker":1,"msg":"configuration reloaded"/);
  expect(await readCodes()).toEqual(new Set(["domain_disabled"]));
  expect(lines().filter(({ msg }) => msg.startsWith("new configuration refused"))).toHaveLength(1);
});

it("keeps the certificate in all workers while its file is broken, and takes the mended one up by itself", async () => {
  const cluster = await serve();
  const { gateway, plain, pidOf } = cluster;
  const next = simulator.pki.issueServerCertificate({ names: ["localhost"] });
  await writeFile(join(directory, "server.crt"), "half of a certif");
  gateway.child.kill("SIGHUP");
  await gateway.waitFor(/(?:"alarm":"credential_file"[^]*){2}/);
  process.kill(pidOf(1), "SIGKILL");
  await gateway.waitFor(/ended unasked[^]*"worker":1,"alarm":"credential_file"/);
  expect(await readMetric(plain, 'sip_pushd_alarm\\{alarm="credential_file",app="gateway"\\}')).toBe(1);

  await writeFile(join(directory, "server.key"), next.key);
  await writeFile(join(directory, "server.crt"), next.certificate);

  await gateway.waitFor(/(?:"msg":"credentials renewed"[^]*){2}/);
  await gateway.waitFor(/(?:"msg":"alarm is over"[^]*){2}/);
  expect(await readMetric(plain, 'sip_pushd_alarm\\{alarm="credential_file",app="gateway"\\}')).toBe(0);
});

it("answers /metrics although a worker hangs, and cuts the connections that it does not take once it is killed", async () => {
  const cluster = await serve();
  const { plain, pidOf } = cluster;
  await Promise.all(["a", "b"].map((id) => getOnce(pushUrl(plain, id))));
  expect(await readMetric(plain, "sip_pushd_pushes_accepted_total")).toBe(2);
  process.kill(pidOf(2), "SIGSTOP");

  // One of the two reaches the hanging worker.
  const scrapes = [1, 2].map(() => readMetric(plain, "sip_pushd_pushes_accepted_total"));
  const answered = await Promise.race(scrapes);
  process.kill(pidOf(2), "SIGKILL");
  const ends = await Promise.allSettled(scrapes);

  expect(answered).toBe(2);
  expect(ends.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
});

it("says once which port is taken", async () => {
  const cluster = await serve();
  await writeFile(file, `processes: 4\nlisten: [{ host: 127.0.0.1, port: ${new URL(cluster.plain).port} }]\n`);

  const { code, stderr } = await startCli(["serve", "--config", file]).end;

  expect(code).toBe(1);
  expect(stderr.match(/Cannot listen on http:\/\/127\.0\.0\.1:\d+/g)).toHaveLength(1);
  expect(stderr).not.toMatch(/\bat .*\.ts:/);
});

it("gives up where workers end again and again", async () => {
  const cluster = await serve();
  const { gateway, lines } = cluster;
  const killStarted = () => {
    for (const { msg, pid } of lines()) if (msg === "worker started" && pid !== undefined && isAlive(pid)) kill(pid);
  };
  const kill = (pid: number) => process.kill(pid, "SIGKILL");
  gateway.child.stdout?.on("data", killStarted);
  killStarted();

  const { code, stderr } = await gateway.end;

  expect(code).toBe(1);
  expect(stderr).toMatch(/gave up.*worker \d was ended by SIGKILL/);
});

it("does not run a worker by itself", async () => {
  const { code, stderr } = await startCli(["worker", "1"]).end;

  expect(code).toBe(2);
  expect(stderr).toContain("npm run -s sip-pushd -- serve");
});
