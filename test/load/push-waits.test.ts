import { randomUUID } from "node:crypto";
import { Agent, request } from "node:http";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { buildAppsConfig } from "../../src/demo/simulated-setup.ts";
import { startCli } from "../fixtures/cli-process.ts";
import { startRedis } from "../fixtures/redis-servers.ts";
import { callApi, startRunningGateway } from "../fixtures/gateway-processes.ts";

const WAITS = 5_000;
const AT_ONCE = 200;
const MEASURED_MS = 6_000;
const ROUNDS = 3;
/** The push of a held wait has not ended, because its provider is silent. */
const SUBSCRIBERS = 500;

interface Answer {
  readonly status: number;
  readonly body: string;
}

function post(agent: Agent, url: string, body: object, headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { agent, method: "POST", headers: { "content-type": "application/json", ...headers } };
    const outgoing = request(url, options, (response) => {
      let received = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (received += chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body: received }));
    });
    outgoing.on("error", reject);
    outgoing.end(JSON.stringify(body));
  });
}

const quantile = (sorted: readonly number[], share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;

/** Calls another subscriber repeatedly and returns how long each call takes, in milliseconds. */
async function measureCalls(agent: Agent, plain: string) {
  const taken: number[] = [];
  let refused = 0;
  for (const until = performance.now() + MEASURED_MS; performance.now() < until;) {
    const at = performance.now();
    const call = { kind: "call", callee: "other@example.org", push_id: randomUUID(), ttl_seconds: 30 };
    const { status } = await post(agent, `${plain}/v1/pushes`, call);
    taken.push(performance.now() - at);
    if (status !== 202) refused += 1;
  }
  const sorted = taken.toSorted((a, b) => a - b);
  return { calls: taken.length, refused, p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99) };
}

async function inBatches(count: number, work: (index: number) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < count; from += AT_ONCE)
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - from) }, (_, index) => work(from + index)));
}

describe.each([16, 256])("%i shards", (shards) => {
  it(`other calls are answered as soon while ${WAITS} pushes are waited for`, { timeout: 400_000 }, async () => {
    await using redis = await startRedis();
    // Used only for its simulator and its directory.
    await using stage = await startRunningGateway();
    const { simulator, directory } = stage;
    const file = join(directory, "redis.yml");
    const store = `store: { kind: redis, redis: { url: "${redis.url}", shards: ${shards} } }`;
    await writeFile(
      file,
      `listen: [{ host: 127.0.0.1, port: 0 }]\nlimits: { loop_delay_ms: 0 }\n${buildAppsConfig(simulator)}\n${store}\n`,
    );
    await using gateway = startCli(["serve", "--config", file]);
    const [, plain = ""] = await gateway.waitFor(/"listen":"(http:[^"]+)"/);
    const agent = new Agent({ keepAlive: true, maxSockets: WAITS + 2 * AT_ONCE });
    const callee = (index: number) => `user${index % SUBSCRIBERS}@example.org`;
    const token = (index: number) => `silent${index}:APA91b-${"x".repeat(120)}`;
    const put = (who: string, name: string) =>
      callApi({ plain }, "PUT", `/v1/subscribers/${encodeURIComponent(who)}/devices/phone`, {
        provider: "fcm",
        token: name,
      });
    await inBatches(SUBSCRIBERS, async (index) => {
      simulator.script(token(index), { transport: "silent" });
      await put(callee(index), token(index));
    });
    await put("other@example.org", `other:APA91b-${"x".repeat(120)}`);
    const message = (index: number) => ({ kind: "message", callee: callee(index), push_id: `message-${index}` });
    await inBatches(WAITS, async (index) => {
      await expect
        .poll(async () => (await post(agent, `${plain}/v1/pushes`, message(index))).status, { timeout: 20_000 })
        .toBeLessThan(300);
    });

    // The same pushes are pending all the time. The difference is that clients wait for them.
    const rounds = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const without = await measureCalls(agent, plain);
      const waits: Promise<void>[] = [];
      const held = new Agent({ keepAlive: true, maxSockets: WAITS });
      const countWaits = async () => {
        const page = await (await fetch(`${plain}/metrics`)).text();
        return Number(/^sip_pushd_pushes_waited_for (\d+)/m.exec(page)?.[1]);
      };
      const stop = new AbortController();
      const hold = async (index: number): Promise<void> => {
        // A connection may be refused while so many arrive.
        while (!stop.signal.aborted)
          await post(held, `${plain}/v1/pushes`, message(index), { prefer: "wait=120" }).catch(() => undefined);
      };
      for (let from = 0; from < WAITS; from += AT_ONCE) {
        for (let index = from; index < from + AT_ONCE; index += 1) waits.push(hold(index));
        await expect.poll(countWaits, { timeout: 60_000 }).toBeGreaterThanOrEqual(from + AT_ONCE);
      }
      const withWaits = await measureCalls(agent, plain);
      stop.abort();
      held.destroy();
      await Promise.all(waits);
      rounds.push({ without, withWaits });
    }

    for (const { without, withWaits } of rounds) {
      const line = ({ calls, refused, p50, p99 }: typeof without) =>
        `${calls} calls, ${refused} refused, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`;
      console.log(`${shards} shards: ${line(without)}; with ${WAITS} waits ${line(withWaits)}`);
    }
    const ratios = rounds.map(({ without, withWaits }) => withWaits.p99 / without.p99);
    console.log(`${shards} shards: p99 with waits / without: ${ratios.map((ratio) => ratio.toFixed(2)).join(", ")}`);
    expect(rounds.every(({ withWaits }) => withWaits.refused === 0)).toBe(true);
    expect(Math.min(...ratios)).toBeLessThanOrEqual(2);
  });
});
