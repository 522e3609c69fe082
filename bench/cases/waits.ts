import { connect as connectHttp2, type ClientHttp2Session } from "node:http2";
import { request, Agent } from "node:https";
import { setTimeout as pause } from "node:timers/promises";
import { getText } from "../measure/send-once.ts";
import { measureLoad, type LoadPlan } from "../measure/measure-load.ts";
import { registerDevices, warmUp } from "../measure/prepare.ts";
import { startGateway, type Gateway } from "../stage/gateway.ts";
import { readCpuMs, readRssBytes } from "../stage/process-figures.ts";
import { CALLS, DOMAIN } from "../stage/templates.ts";
import { closedPlan, openPlan, cpuOf } from "./base.ts";
import type { BenchCase, Comparison, Fact, Sizes } from "./bench-case.ts";

const WAIT_SECONDS = 120;
const AT_ONCE = 200;
const STREAMS = 100;
const FILL_TIMEOUT_MS = 120_000;
const MB = 1024 * 1024;
const IDLE_MS = 5_000;

interface Held {
  /** Sends a call whose answer is held. Errors are ignored: the number that is held is read from the gateway. */
  hold(path: string, headers: Readonly<Record<string, string>>, body: string): void;
  close(): void;
}

function openHttp1({ target }: Gateway): Held {
  const agent = new Agent({ ca: target.ca, servername: "localhost", maxSockets: Infinity });
  return {
    hold(path, headers, body) {
      const outgoing = request({ host: "127.0.0.1", port: target.port, path, method: "POST", headers, agent });
      outgoing.on("error", () => undefined);
      outgoing.end(body);
    },
    close: () => agent.destroy(),
  };
}

function openHttp2({ target }: Gateway): Held {
  const sessions: ClientHttp2Session[] = [];
  let used = STREAMS;
  return {
    hold(path, headers, body) {
      if (used === STREAMS) {
        const session = connectHttp2(`https://localhost:${target.port}`, { ca: target.ca });
        session.on("error", () => undefined);
        sessions.push(session);
        used = 0;
      }
      used += 1;
      const stream = sessions.at(-1)?.request({ ":method": "POST", ":path": path, ...headers });
      stream?.on("error", () => undefined);
      stream?.end(body);
    },
    close: () => sessions.forEach((session) => session.destroy()),
  };
}

async function countHeld({ target }: Gateway): Promise<number> {
  const page = await getText(target, "/metrics");
  return Number(/^sip_pushd_calls_waited_for (\d+)/m.exec(page)?.[1]);
}

/** Returns the number of waits that the gateway holds in the end. */
async function fill(gateway: Gateway, held: Held, wanted: number, callees: number): Promise<number> {
  const headers = { "content-type": "application/json", prefer: `wait=${WAIT_SECONDS}` };
  const until = performance.now() + FILL_TIMEOUT_MS;
  for (let from = 0; from < wanted; from += AT_ONCE) {
    for (let n = from; n < Math.min(from + AT_ONCE, wanted); n += 1) {
      const body = { call_id: `held${n}-${gateway.target.port}`, callee: `u${n % callees}@${DOMAIN}` };
      held.hold("/v1/calls", headers, JSON.stringify(body));
    }
    const soFar = Math.min(from + AT_ONCE, wanted);
    while ((await countHeld(gateway)) < soFar && performance.now() < until) await pause(100);
  }
  return countHeld(gateway);
}

/** A rate at which each callee rings seldom, so that held calls of the same callee play no part. */
const planOf = (sizes: Sizes): LoadPlan & { readonly name: string } => openPlan(sizes, 200);

function buildWaitsCase(id: string, title: string, wanted: number, open: (gateway: Gateway) => Held): BenchCase {
  return {
    id,
    title,
    isQuick: false,
    async run({ stage, sizes }) {
      await using gateway = await startGateway(stage, { name: "gateway", template: CALLS });
      await registerDevices(stage, gateway, sizes.callees);
      await warmUp(stage, gateway, { ...closedPlan(sizes), count: sizes.warmUpPushes });
      const without = await measureLoad(stage, gateway, planOf(sizes));
      const rssBefore = readRssBytes(gateway.pid);
      const held = open(gateway);
      const count = await fill(gateway, held, wanted, sizes.callees);
      const rss = (readRssBytes(gateway.pid) - rssBefore) / MB;
      const cpuBefore = readCpuMs(gateway.pid);
      await pause(IDLE_MS);
      const idle = (readCpuMs(gateway.pid) - cpuBefore) / IDLE_MS;
      const beside = await measureLoad(stage, gateway, planOf(sizes));
      held.close();
      const facts: Fact[] = [
        { title: "waits held", value: count, unit: `of ${wanted}` },
        { title: "resident memory more", value: rss, unit: "MB" },
        { title: "CPU while nothing happens", value: idle * 100, unit: "% of a core" },
        { title: "CPU per push with waits ÷ without", value: cpuOf(beside) / cpuOf(without), unit: "" },
      ];
      const load = planOf(sizes).name;
      const rows: Comparison["rows"] = [
        { party: "no waits", load, samples: [without] },
        { party: `${count} waits`, load, samples: [beside] },
      ];
      return { comparisons: [{ title: "SQLite", rows }], facts, figures: {} };
    },
  };
}

export const waitsHttp1Case = buildWaitsCase("waits-http1", "5 000 held waits over HTTP/1.1", 5_000, openHttp1);
export const waitsHttp2Case = buildWaitsCase("waits-http2", "10 000 held waits over HTTP/2", 10_000, openHttp2);
