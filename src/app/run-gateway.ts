import { startGateway } from "../app.ts";
import type { LoadedConfig } from "../config/load-config.ts";
import { sleep } from "../gateway/sleep.ts";
import { LiveConfig } from "./live-config.ts";

export interface RunGatewayOptions {
  /** The configuration file, which is read again on SIGHUP. */
  readonly file: string;
  readonly loaded: LoadedConfig;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  /** Resolves with the signal that asks the process to stop. */
  readonly stopSignal: Promise<"SIGTERM" | "SIGINT">;
}

/** Runs a gateway in this process until it is asked to stop. Rejects if it could not start. */
export async function runGateway({ file, loaded, env, version, stopSignal }: RunGatewayOptions): Promise<void> {
  await using gateway = await startGateway({ config: loaded.config, version });
  gateway.noteCredentialFaults(loaded.faults);
  await using live = new LiveConfig({ options: { file, env }, loaded, clock: Date.now, sleep, follower: gateway });
  process.on("SIGHUP", () => live.reread());
  gateway.noteStop(await stopSignal);
}
