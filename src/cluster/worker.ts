import cluster from "node:cluster";
import { startGateway } from "../app.ts";
import { OperatorError } from "../push/operator-error.ts";
import { openPrimaryLine } from "./primary-line.ts";

/**
 * Runs one of the processes that `serve` forks, until the primary stops it or has ended. Returns false if it could not
 * start or continue; the primary knows why.
 */
export async function runWorker(number: number, version: string): Promise<boolean> {
  if (!cluster.isWorker) {
    throw new OperatorError("not_a_worker", "A worker does not run by itself.", {
      mend: "Set processes: in the configuration, and run 'sip-pushd serve': it starts the workers.",
    });
  }
  await using line = openPrimaryLine();
  try {
    const { config, reloaded, faults } = await line.start;
    await using gateway = await startGateway({
      config,
      version,
      worker: { number, renderMetrics: () => line.renderMetrics() },
    });
    if (reloaded !== undefined) gateway.reload(reloaded);
    gateway.noteCredentialFaults(faults);
    line.attend(gateway);
    gateway.noteStop(await line.stop);
    return true;
  } catch (error) {
    line.send({ type: "failed", reason: error instanceof Error ? error.message : String(error) });
    return false;
  }
}
