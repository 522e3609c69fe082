import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { crc32 } from "node:zlib";
import { expect, it } from "vitest";
import { buildAppsConfig } from "../../src/demo/simulated-setup.ts";
import { startCluster, type ClusterSetup } from "../fixtures/redis-servers.ts";
import { callApi, startRunningGateway, type RunningGateway } from "../fixtures/gateway-processes.ts";

const SUBSCRIBERS = 40;
const SHARDS = 16;
/** Redis's default: how long the other nodes take the lost one for alive. */
const NODE_TIMEOUT_MS = 15_000;
/** Each call is refused twice before its phone rings. */
const BUSY = { status: 503, reason: "UNAVAILABLE", retryAfter: "2", times: 2 } as const;
/** Tolerance for other load on this machine. */
const SLACK_MS = 2_500;

const calleeOf = (index: number) => `user${index}@example.org`;
const tokenOf = (index: number) => `retry${index}:APA91b-${"x".repeat(120)}`;

interface Rung {
  readonly callee: string;
  readonly afterMs: number;
}

/** A 503 asks for a repeat: this machine may be busy. */
async function untilTaken(send: () => Promise<{ readonly status: number }>): Promise<void> {
  await expect.poll(async () => (await send()).status, { timeout: 15_000 }).toBeLessThan(300);
}

/** Calls everybody once, causes the fault half a second later, and waits for the phones that must ring. */
async function callAll(
  running: RunningGateway,
  isServed: (callee: string) => boolean,
  { isBusy = true, harm = async () => undefined }: { isBusy?: boolean; harm?: () => Promise<void> } = {},
) {
  const { simulator, plain } = running;
  const startedAt = Date.now();
  const callees = Array.from({ length: SUBSCRIBERS }, (_, index) => calleeOf(index));
  for (const [index, callee] of callees.entries()) {
    if (isBusy) simulator.script(tokenOf(index), BUSY);
    const body = { kind: "call", callee, ttl_seconds: 30, push_id: randomUUID() };
    await untilTaken(() => callApi({ plain }, "POST", "/v1/pushes", body));
  }
  if (isBusy) await pause(500);
  await harm();
  const served = callees.flatMap((callee, index) => (isServed(callee) ? [{ callee, token: tokenOf(index) }] : []));
  return Promise.all(
    served.map(async ({ callee, token }): Promise<Rung> => {
      const since = (attempt: { token: string; receivedAt: number }) =>
        attempt.token === token && attempt.receivedAt >= startedAt;
      const { receivedAt } = await simulator.mailbox.waitFor(since, { timeoutMs: 29_000 });
      return { callee, afterMs: receivedAt - startedAt };
    }),
  );
}

async function findOwner({ masters }: ClusterSetup, callee: string): Promise<number> {
  const slot = Number(await masters[0]?.admin.cluster("KEYSLOT", `{q${crc32(callee) % SHARDS}}`));
  return Math.floor(slot / Math.ceil(16_384 / masters.length));
}

it(
  "retries calls on healthy shards as soon as ever while one of three masters is away",
  { timeout: 180_000 },
  async () => {
    await using cluster = await startCluster({ nodeTimeoutMs: NODE_TIMEOUT_MS });
    const nodes = cluster.masters.map(({ host, port }) => `"${host}:${port}"`).join(", ");
    const store = `store: { kind: redis, redis: { cluster: [${nodes}], shards: ${SHARDS} } }`;
    await using running = await startRunningGateway({
      config: (simulator) => `${buildAppsConfig(simulator)}\n${store}\n`,
    });
    const { plain } = running;
    for (let index = 0; index < SUBSCRIBERS; index += 1) {
      const path = `/v1/subscribers/${encodeURIComponent(calleeOf(index))}/devices/phone`;
      await untilTaken(() => callApi({ plain }, "PUT", path, { provider: "fcm", token: tokenOf(index) }));
    }
    const owners = new Map<string, number>();
    for (let index = 0; index < SUBSCRIBERS; index += 1)
      owners.set(calleeOf(index), await findOwner(cluster, calleeOf(index)));
    const isHealthy = (callee: string) => owners.get(callee) !== 2;

    // Retries are a share of what has been sent.
    for (let round = 0; round < 10; round += 1) await callAll(running, isHealthy, { isBusy: false });

    const without = await callAll(running, isHealthy);
    const withKill = await callAll(running, isHealthy, { harm: async () => cluster.masters[2]?.kill() });
    const readiness = await callApi({ plain }, "GET", "/readyz");
    const lostCallee = [...owners].find(([, owner]) => owner === 2)?.[0] ?? "";
    const refused = await callApi({ plain }, "POST", "/v1/pushes", { kind: "call", callee: lostCallee });

    const last = (rung: readonly Rung[]) => Math.max(...rung.map(({ afterMs }) => afterMs));
    const log = running.logLines.filter(({ level }) => level === "error" || level === 50).length;
    console.log(
      `${withKill.length} of ${SUBSCRIBERS} callees are on healthy masters; the last of them rang after ${last(without)} ms, ` +
        `with a master killed after ${last(withKill)} ms; ${log} errors logged; /readyz ${readiness.status} ${JSON.stringify(readiness.body)}`,
    );
    expect(last(withKill)).toBeLessThan(last(without) + SLACK_MS);
    expect(refused.status).toBe(503);
    expect(readiness).toMatchObject({ status: 200, body: { status: "degraded" } });
  },
);
