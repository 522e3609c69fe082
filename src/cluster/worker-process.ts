import cluster from "node:cluster";
import { closeLostConnections } from "./lost-connections.ts";
import type { ToPrimary, ToWorker } from "./messages.ts";

/** One process, from its fork to its end. */
export interface WorkerProcess {
  /** Undefined where it could not be forked. */
  readonly pid: number | undefined;
  /** How it ended, in words. Never rejects. */
  readonly ended: Promise<string>;
  /** Lost where the process has ended. */
  send(message: ToWorker): void;
  kill(): void;
}

export type ForkWorker = (number: number, onMessage: (message: ToPrimary) => void) => WorkerProcess;

export const forkWorker: ForkWorker = (number, onMessage) => {
  // "advanced" keeps the NaN of a metric, and the `undefined` of a setting.
  cluster.setupPrimary({ args: ["worker", String(number)], serialization: "advanced" });
  const worker = cluster.fork();
  const ended = Promise.withResolvers<string>();
  closeLostConnections(worker);
  worker.on("error", (error) => {
    // Later ones are messages that a dying worker no longer takes.
    if (worker.process.pid === undefined) ended.resolve(`could not be forked: ${error.message}`);
  });
  worker.once("exit", (code, signal: NodeJS.Signals | null) => {
    // What is still in the channel must not be taken for words of its successor.
    worker.removeAllListeners("message");
    ended.resolve(signal === null ? `ended with code ${code}` : `was ended by ${signal}`);
  });
  // Both ends of the channel are this program.
  worker.on("message", (message) => onMessage(message as ToPrimary));
  return {
    pid: worker.process.pid,
    ended: ended.promise,
    send(message) {
      if (worker.isConnected()) worker.send(message, () => undefined);
    },
    kill: () => void worker.process.kill("SIGKILL"),
  };
};
