import { openPrimaryTelemetry } from "../app/primary-telemetry.ts";
import { LiveConfig } from "../app/live-config.ts";
import type { LoadedConfig } from "../config/load-config.ts";
import { sleep } from "../gateway/sleep.ts";
import { forkWorker } from "./worker-process.ts";
import { Workers, type Failure } from "./workers.ts";

export interface PrimaryDeps {
  /** The configuration file and its content. */
  readonly file: string;
  readonly loaded: LoadedConfig;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  /** Resolves with the name of the signal that ends the gateway. */
  readonly stopSignal: Promise<string>;
}

/** How the gateway as a whole ended. `inTime`: no worker had to be killed. */
export type PrimaryEnd =
  | { readonly kind: "stopped"; readonly inTime: boolean }
  | ({ readonly kind: "failed" } & Failure);

/** Runs the gateway as several worker processes without serving requests itself. */
export async function runPrimary({ file, loaded, env, version, stopSignal }: PrimaryDeps): Promise<PrimaryEnd> {
  const { config, faults } = loaded;
  await using telemetry = openPrimaryTelemetry({ config, version });
  const { events } = telemetry;
  const workers = new Workers({ config, faults, telemetry, fork: forkWorker, clock: Date.now, sleep });
  // However this process ends: by a second signal, or a bug.
  process.once("exit", () => workers.kill());
  await using live = new LiveConfig({
    options: { file, env },
    loaded,
    clock: Date.now,
    sleep,
    follower: {
      reload(next) {
        workers.reload(next);
        events.configTaken();
      },
      refuseReload: (why) => events.configRefused(why),
      renewCredentials: (next, files, warnings) => workers.renew(next, files, warnings),
      noteCredentialFaults: (next) => workers.noteFaults(next),
      noteUnexpected: (what, error) => events.unexpected(what, error),
    },
  });
  process.on("SIGHUP", () => live.reread());
  workers.start();

  const end = await Promise.race([stopSignal, workers.failed]);
  if (typeof end === "string") {
    events.stopping(end);
    return { kind: "stopped", inTime: await workers.stop(end) };
  }
  if (end.hasServed) events.gaveUp(end.why);
  await workers.stop("no worker serves");
  return { kind: "failed", ...end };
}
