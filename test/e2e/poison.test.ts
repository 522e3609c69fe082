import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { buildAppsConfig } from "../../src/demo/simulated-setup.ts";
import { startSimulator, type Simulator } from "../../src/simulator/simulator.ts";
import { writeSimulatorFiles } from "../../src/simulator/simulator-files.ts";
import { startCli } from "../fixtures/cli-process.ts";
import { callApi, LISTENERS_CONFIG } from "../fixtures/gateway-processes.ts";

const HOOK = new URL("die-of-marker.ts", import.meta.url).pathname;
const LONE_DEATHS = 3;

let simulator: Simulator;
let directory: string;
let file: string;

beforeEach(async () => {
  simulator = await startSimulator();
  directory = await mkdtemp(join(tmpdir(), "sip-pushd-poison-"));
  await writeSimulatorFiles(simulator, directory);
  file = join(directory, "config.yml");
  await writeFile(file, LISTENERS_CONFIG + buildAppsConfig(simulator));
});

afterEach(async () => {
  await simulator[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

const serve = async () => {
  const gateway = startCli(["serve", "--config", file], { NODE_OPTIONS: `--import=${HOOK}` });
  const [, plain = ""] = await gateway.waitFor(/"listen":"(http:[^"]+)"/);
  return { gateway, plain };
};

const tokenOf = (number: number) => number.toString(16).padStart(2, "0").repeat(32);

it("a push that kills every gateway ends as a dead letter after three deaths alone, and the others go out", async () => {
  const first = await serve();
  for (let number = 1; number <= 5; number += 1) {
    const path = `/v1/subscribers/user${number}%40example.org/devices/iphone`;
    await callApi(first, "PUT", path, { provider: "apns", tokens: { remote: tokenOf(number) } });
    // The other pushes are in flight when the poison strikes first.
    if (number > 1) simulator.script(tokenOf(number), { transport: "silent", times: 1 });
  }
  const send = async (number: number, body: string) =>
    callApi(first, "POST", "/v1/pushes", {
      callee: `user${number}@example.org`,
      kind: "message",
      body,
      push_id: `p${number}`,
    });
  const beside = await Promise.all([2, 3, 4, 5].map((number) => send(number, "harmless")));
  for (const number of [2, 3, 4, 5]) await simulator.mailbox.waitForAttempt(({ token }) => token === tokenOf(number));
  const poison = await send(1, "this one kills its gateway").catch(() => undefined);
  expect((await first.gateway.end).code).toBeNull();

  let deaths = 0;
  for (; deaths < LONE_DEATHS; deaths += 1) {
    const { gateway } = await serve();
    await using _running = gateway;
    expect((await gateway.end).code).toBeNull();
  }
  const last = await serve();
  await using _running = last.gateway;
  for (const number of [2, 3, 4, 5]) await simulator.mailbox.waitFor(({ token }) => token === tokenOf(number));
  await last.gateway.waitFor(/"reason":"poison"/);

  const { body: dead } = await callApi(last, "GET", "/v1/dead-letters");
  expect(dead).toMatchObject({
    dead_letters: [{ callee: "user1@example.org", state: "failed", deliveries: [{ reason: "poison" }] }],
  });
  expect(simulator.mailbox.deliveries().map(({ token }) => token)).not.toContain(tokenOf(1));
  expect(beside).toHaveLength(4);
  expect(poison === undefined || poison.status === 202).toBe(true);
}, 120_000);
