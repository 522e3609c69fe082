import { Agent, request } from "node:http";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, it } from "vitest";
import { buildAppsConfig } from "../../src/demo/simulated-setup.ts";
import { startSimulator } from "../../src/simulator/simulator.ts";
import { writeSimulatorFiles } from "../../src/simulator/simulator-files.ts";
import { startCli } from "../fixtures/cli-process.ts";

const WAITS = 5_000;
const AT_ONCE = 200;
const MOST_BYTES = 100 * 1024 * 1024;

interface Answer {
  readonly status: number | undefined;
  readonly body: string;
}

/** Opens a new connection if necessary, because each wait holds one. */
function send(agent: Agent, url: string, method: string, body: object, headers: Record<string, string> = {}) {
  return new Promise<Answer>((resolve, reject) => {
    const text = JSON.stringify(body);
    const options = { agent, method, headers: { "content-type": "application/json", ...headers } };
    const outgoing = request(url, options, (response) => {
      let received = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (received += chunk));
      response.on("end", () => resolve({ status: response.statusCode, body: received }));
    });
    outgoing.on("error", reject);
    outgoing.end(text);
  });
}

async function inBatches(count: number, work: (index: number) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < count; from += AT_ONCE) {
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - from) }, (_, index) => work(from + index)));
  }
}

it(`holds ${WAITS} calls that wait for a phone in less than 100 MB`, { timeout: 180_000 }, async () => {
  const directory = await mkdtemp(join(tmpdir(), "sip-pushd-waits-"));
  await using cleanUp = new AsyncDisposableStack();
  cleanUp.defer(() => rm(directory, { recursive: true, force: true }));
  await using simulator = await startSimulator();
  await writeSimulatorFiles(simulator, directory);
  const text = `listen: [{ host: 127.0.0.1, port: 0 }]\nlimits: { loop_delay_ms: 0 }\n${buildAppsConfig(simulator)}`;
  await writeFile(join(directory, "config.yml"), text);
  const collector = pathToFileURL(join(import.meta.dirname, "../fixtures/collect-on-signal.ts")).href;
  await using gateway = startCli(["serve", "--config", join(directory, "config.yml")], {
    NODE_OPTIONS: `--expose-gc --import ${collector}`,
  });
  const [, plain = ""] = await gateway.waitFor(/"listen":"(http:[^"]+)"/);
  const agent = new Agent({ keepAlive: true, maxSockets: WAITS + AT_ONCE });
  cleanUp.defer(() => agent.destroy());
  const readMetric = async (name: string): Promise<number> => {
    const page = await (await fetch(`${plain}/metrics`)).text();
    return Number(new RegExp(`^sip_pushd_${name} (\\S+)`, "m").exec(page)?.[1]);
  };
  /** Returns the live memory without garbage, and the resident size. */
  const readMemory = async () => {
    gateway.child.kill("SIGUSR2");
    // The answer comes after the garbage collection, which stops everything.
    await readMetric("nodejs_heap_size_used_bytes");
    const held = (await readMetric("nodejs_heap_size_used_bytes")) + (await readMetric("nodejs_external_memory_bytes"));
    return { held, resident: await readMetric("process_resident_memory_bytes") };
  };
  const countWaits = () => readMetric("calls_waited_for");
  const token = (index: number) => `token-${String(index).padStart(8, "0")}`.padEnd(120, "x");
  const callee = (index: number) => `user${index}@example.org`;
  const register = (index: number) =>
    send(agent, `${plain}/v1/subscribers/${callee(index)}/devices/phone`, "PUT", {
      provider: "fcm",
      token: token(index),
    });
  const waits: Promise<Answer>[] = [];
  const ring = (index: number, seconds: number) =>
    send(
      agent,
      `${plain}/v1/calls`,
      "POST",
      { call_id: `c-${index}`, callee: callee(index) },
      { prefer: `wait=${seconds}` },
    );

  await inBatches(WAITS, register);
  // Warms the gateway up.
  await inBatches(AT_ONCE, (index) => ring(WAITS + index, 0));
  const before = await readMemory();
  for (let from = 0; from < WAITS; from += AT_ONCE) {
    for (let index = from; index < from + AT_ONCE; index += 1) waits.push(ring(index, 120));
    await expect.poll(countWaits, { timeout: 30_000 }).toBe(from + AT_ONCE);
  }
  const after = await readMemory();
  await inBatches(WAITS, (index) =>
    send(agent, `${plain}/v1/registrations`, "POST", { aor: callee(index), contact: `<sip:${callee(index)}>` }),
  );
  const answers = await Promise.all(waits);

  const megabytes = (bytes: number) => `${(bytes / 1024 / 1024).toFixed(0)} MB`;
  const grown = megabytes(after.resident - before.resident);
  console.log(`${WAITS} waits hold ${megabytes(after.held - before.held)}; the process has grown by ${grown}`);
  expect(answers.filter(({ body }) => body.includes('"verdict":"registered"'))).toHaveLength(WAITS);
  expect(after.held - before.held).toBeLessThan(MOST_BYTES);
});
