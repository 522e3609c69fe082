import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startGateway } from "../app.ts";
import { loadConfig } from "../config/load-config.ts";
import { startSimulator, type Simulator } from "../simulator/simulator.ts";
import type { HttpTarget } from "../client/request-json.ts";
import { writeSimulatedSetup, type GatewayPorts } from "./simulated-setup.ts";

/** A simulator, and a gateway that uses it as Apple and Google. */
export interface Stage extends AsyncDisposable {
  readonly simulator: Simulator;
  /** Directory of certificates, configuration and store, removed when the demo ends. */
  readonly directory: string;
  readonly tls: HttpTarget;
  readonly plain: HttpTarget;
}

export interface StageOptions {
  /** True to use the well-known ports if they are free, so that the lines to try are the real ones. */
  readonly wellKnownPorts: boolean;
  readonly version: string;
  readonly log: { write(line: string): void };
}

const WELL_KNOWN = { tls: 45_060, plain: 45_059 } as const;

export async function openStage({ wellKnownPorts, version, log }: StageOptions): Promise<Stage> {
  await using opened = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), "sip-pushd-demo-"));
  opened.defer(() => rm(directory, { recursive: true, force: true }));
  const simulator = opened.use(await startSimulator());
  const file = await writeSimulatedSetup(simulator, directory, await choosePorts(wellKnownPorts));
  const { config } = loadConfig({ file, env: {} });
  const gateway = opened.use(await startGateway({ config, version, log }));
  const ca = await readFile(join(directory, "ca.crt"), "utf8");
  const stage = opened.move();
  return {
    simulator,
    directory,
    tls: { url: readUrl(gateway.urls, "https:"), ca, serverName: "localhost" },
    plain: { url: readUrl(gateway.urls, "http:") },
    [Symbol.asyncDispose]: () => stage.disposeAsync(),
  };
}

function readUrl(urls: readonly string[], protocol: string): URL {
  const found = urls.map((url) => new URL(url)).find((url) => url.protocol === protocol);
  if (found === undefined) throw new Error(`the demo's gateway has no listener for ${protocol}`);
  return found;
}

async function choosePorts(wellKnown: boolean): Promise<GatewayPorts> {
  if (!wellKnown) return { tls: 0, plain: 0 };
  const free = await Promise.all(Object.values(WELL_KNOWN).map(isFree));
  return free.every(Boolean) ? WELL_KNOWN : { tls: 0, plain: 0 };
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}
