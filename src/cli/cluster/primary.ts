import { openPrimaryTelemetry } from "../../app/primary-telemetry.ts";
import { LiveConfig } from "../../app/live-config.ts";
import type { LoadedConfig } from "../../config/load-config.ts";
import { sleep } from "../../gateway/sleep.ts";
import { EXIT_CODES, type CliIo } from "../output.ts";
import { awaitStopSignal } from "../stop-signal.ts";
import { readVersion } from "../version.ts";
import { forkWorker } from "./worker-process.ts";
import { Workers, type Failure } from "./workers.ts";

export interface PrimaryDeps {
  /** The configuration file, and what it says. */
  readonly file: string;
  readonly loaded: LoadedConfig;
  readonly io: CliIo;
}

/** Runs the gateway as several worker processes, and serves no request itself. */
export async function runPrimary({ file, loaded, io }: PrimaryDeps): Promise<number> {
  const { config, faults } = loaded;
  const stopSignal = awaitStopSignal();
  await using telemetry = openPrimaryTelemetry({ config, version: readVersion() });
  const { events } = telemetry;
  const workers = new Workers({ config, faults, telemetry, fork: forkWorker, clock: Date.now, sleep });
  // Whatever ends this process: a second signal, or a bug of ours.
  process.once("exit", () => workers.kill());
  await using live = new LiveConfig({
    options: { file, env: io.env },
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
    return (await workers.stop(end)) ? EXIT_CODES.ok : EXIT_CODES.notDone;
  }
  if (end.hasServed) events.gaveUp(end.why);
  io.stderr.write(`${printFailure(end)}\n`);
  await workers.stop("no worker serves");
  return EXIT_CODES.notDone;
}

function printFailure({ why, hasServed }: Failure): string {
  return hasServed
    ? `sip-pushd: gave up, as workers end again and again: ${why}`
    : `sip-pushd: could not start: ${why}`;
}
