import { InvalidArgumentError, type Command } from "commander";
import { runWorker } from "./cluster/worker.ts";
import { createCommand, runAction, type CliIo } from "./output.ts";

/** Not for people, so that no help lists it; its name is there for who looks at the processes of a machine. */
export function buildWorkerCommand(io: CliIo): Command {
  return createCommand(io, "worker")
    .description("one of the processes of the gateway; serve starts it")
    .argument("<number>", "which one", readNumber)
    .action((number: number) => runAction(io, () => runWorker(number)));
}

function readNumber(text: string): number {
  if (/^[1-9]\d?$/.test(text)) return Number(text);
  throw new InvalidArgumentError("serve numbers its workers from 1.");
}
