import cluster from "node:cluster";
import { closeLostConnections } from "./lost-connections.ts";
import type { ToPrimary, ToWorker } from "./messages.ts";

/** One process from its fork to its end. */
export interface WorkerProcess {
  /** Undefined if it could not be forked. */
  readonly pid: number | undefined;
  /** Resolves with a description of its end. Never rejects. */
  readonly ended: Promise<string>;
  /** Dropped if the process has ended. */
  send(message: ToWorker): void;
  kill(): void;
}

export type ForkWorker = (number: number, onMessage: (message: ToPrimary) => void) => WorkerProcess;

export const forkWorker: ForkWorker = (number, onMessage) => {
  // "advanced" preserves a metric's NaN and a setting's `undefined`.
  cluster.setupPrimary({ args: ["worker", String(number)], serialization: "advanced" });
  const worker = cluster.fork();
  const ended = Promise.withResolvers<string>();
  closeLostConnections(worker);
  worker.on("error", (error) => {
    // Later errors concern messages that a dying worker no longer takes.
    if (worker.process.pid === undefined) ended.resolve(`could not be forked: ${error.message}`);
  });
  worker.once("exit", (code, signal: NodeJS.Signals | null) => {
    // Messages still in the channel must not be attributed to its successor.
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
