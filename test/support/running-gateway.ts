import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startGateway, type Gateway, type GatewayDeps } from "../../src/app.ts";
import { LiveConfig } from "../../src/app/live-config.ts";
import { buildAppsConfig } from "../../src/demo/simulated-setup.ts";
import { loadConfig } from "../../src/config/load-config.ts";
import { sleep } from "../../src/gateway/sleep.ts";
import { startSimulator, type Simulator, type SimulatorOptions } from "../../src/simulator/simulator.ts";
import { writeSimulatorFiles } from "../../src/simulator/simulator-files.ts";

export interface RunningGateway extends AsyncDisposable {
  readonly gateway: Gateway;
  readonly simulator: Simulator;
  readonly directory: string;
  readonly logLines: Record<string, unknown>[];
  /** URL of the plain HTTP listener on loopback. */
  readonly plain: string;
  readonly tls: string;
}

export interface RunningGatewayOptions {
  /** Further lines of the configuration, which may replace the apps. */
  readonly config?: (simulator: Simulator) => string;
  readonly simulator?: SimulatorOptions;
  /** Interval for checking credential files; never by default. */
  readonly lookEveryMs?: number;
  /** Numbers of in-flight and retry slots. */
  readonly places?: GatewayDeps["places"];
  /** Writes further files that the configuration names. */
  readonly prepare?: (simulator: Simulator, directory: string) => Promise<void>;
}

export const LISTENERS_CONFIG = `
port: 0
sslcertfile: server.crt
sslcertkeyfile: server.key
listen: [{ host: 127.0.0.1, port: 0 }]
`;

/** Test, gateway and simulator share an event loop, so its delay says nothing about the gateway. */
const ONE_LOOP = { SIP_PUSHD_LIMITS_LOOP_DELAY_MS: "0" };

/** Starts a whole gateway in this process on free ports, with a simulator for Apple and Google. */
export async function startRunningGateway(options: RunningGatewayOptions = {}): Promise<RunningGateway> {
  await using opened = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), "sip-pushd-test-"));
  opened.defer(() => rm(directory, { recursive: true, force: true }));
  const simulator = opened.use(await startSimulator(options.simulator));
  await writeSimulatorFiles(simulator, directory);
  await options.prepare?.(simulator, directory);
  const text = LISTENERS_CONFIG + (options.config ?? buildAppsConfig)(simulator);
  const file = join(directory, "config.yml");
  await writeFile(file, text);
  const env = { ...ONE_LOOP, STATE_DIRECTORY: directory };
  const loaded = loadConfig({ file, env });
  const logLines: Record<string, unknown>[] = [];
  const log = { write: (line: string) => void logLines.push(JSON.parse(line)) };
  const places = options.places === undefined ? {} : { places: options.places };
  const deps = { config: loaded.config, version: "test", log, closeNoticeMs: 0, ...places };
  const gateway = opened.use(await startGateway(deps));
  gateway.noteCredentialFaults(loaded.faults);
  const { lookEveryMs } = options;
  if (lookEveryMs !== undefined) {
    const live = {
      options: { file, env: { STATE_DIRECTORY: directory } },
      loaded,
      follower: gateway,
      clock: Date.now,
      sleep,
      lookEveryMs,
    };
    opened.use(new LiveConfig(live));
  }
  const running = opened.move();
  return {
    gateway,
    simulator,
    directory,
    logLines,
    plain: urlOf(gateway, "http:"),
    tls: urlOf(gateway, "https:"),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

function urlOf({ urls }: Gateway, protocol: string): string {
  const url = urls.find((candidate) => candidate.startsWith(protocol));
  if (url === undefined) throw new Error(`no listener for ${protocol} among ${urls.join(", ")}`);
  return url;
}

/** Sends JSON to the plain listener of the gateway. */
export async function callApi(
  { plain }: Pick<RunningGateway, "plain">,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> {
  const response = await fetch(plain + path, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
  });
  const text = await response.text();
  return { status: response.status, body: text === "" ? {} : JSON.parse(text) };
}
