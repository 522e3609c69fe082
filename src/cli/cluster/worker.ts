import cluster from "node:cluster";
import { startGateway } from "../../app.ts";
import { CliError, EXIT_CODES } from "../output.ts";
import { readVersion } from "../version.ts";
import { openPrimaryLine } from "./primary-line.ts";

/** One of the processes that `serve` forks; ends at once where the process that forked it is gone. */
export async function runWorker(number: number): Promise<number> {
  if (!cluster.isWorker) {
    throw new CliError("not_a_worker", "A worker does not run by itself.", {
      mend: "Set processes: in the configuration, and run 'sip-pushd serve': it starts the workers.",
    });
  }
  await using line = openPrimaryLine();
  try {
    const { config, reloaded, faults } = await line.start;
    await using gateway = await startGateway({
      config,
      version: readVersion(),
      worker: { number, renderMetrics: () => line.renderMetrics() },
    });
    if (reloaded !== undefined) gateway.reload(reloaded);
    gateway.noteCredentialFaults(faults);
    line.attend(gateway);
    gateway.noteStop(await line.stop);
    return EXIT_CODES.ok;
  } catch (error) {
    line.send({ type: "failed", reason: error instanceof Error ? error.message : String(error) });
    return EXIT_CODES.notDone;
  }
}
