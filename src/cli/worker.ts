import { InvalidArgumentError, type Command } from "commander";
import { runWorker } from "../cluster/worker.ts";
import { createCommand, EXIT_CODES, runAction, type CliIo } from "./output.ts";

/** Not for people, so no help lists it. The name is visible in a list of processes. */
export function buildWorkerCommand(io: CliIo): Command {
  return createCommand(io, "worker")
    .description("one of the processes of the gateway; serve starts it")
    .argument("<number>", "which one", readNumber)
    .action((number: number) =>
      runAction(io, async () => ((await runWorker(number, io.version)) ? EXIT_CODES.ok : EXIT_CODES.notDone)),
    );
}

function readNumber(text: string): number {
  if (/^[1-9]\d?$/.test(text)) return Number(text);
  throw new InvalidArgumentError("serve numbers its workers from 1.");
}
