import cluster from "node:cluster";
import { once } from "node:events";
import type { Gateway } from "../app.ts";
import type { StartMessage, ToPrimary, ToWorker } from "./messages.ts";

/** A worker's connection to the primary. */
export interface PrimaryLine extends AsyncDisposable {
  readonly start: Promise<StartMessage>;
  /** Resolves with the signal that stops the worker, from the primary or its own. */
  readonly stop: Promise<string>;
  send(message: ToPrimary): void;
  /** Lets the primary control this gateway from now on. */
  attend(gateway: Gateway): void;
  /** Returns the metrics of all workers. */
  renderMetrics(): Promise<string>;
}

/** Longer than the primary waits for the slowest worker. */
const ANSWER_MS = 3_000;

export function openPrimaryLine(): PrimaryLine {
  const start = Promise.withResolvers<StartMessage>();
  const stop = awaitSignal();
  const gateway = Promise.withResolvers<Gateway>();
  const pages = new Map<number, (page: string) => void>();
  let requests = 0;

  const send = (message: ToPrimary): void => void process.send?.(message, undefined, undefined, () => undefined);
  const hear = (message: ToWorker): void => {
    switch (message.type) {
      case "start":
        return start.resolve(message);
      case "stop":
        return stop.resolve(message.signal);
      case "metrics":
        return pages.get(message.request)?.(message.page);
      case "reload":
        return void gateway.promise.then((running) => running.reload(message.config));
      case "renew":
        return void gateway.promise.then((running) =>
          running.renewCredentials(message.config, message.files, message.warnings),
        );
      case "faults":
        return void gateway.promise.then((running) => running.noteCredentialFaults(message.faults));
      case "measure":
        return void gateway.promise.then(async (running) =>
          send({ type: "measured", request: message.request, snapshot: await running.snapshotMetrics() }),
        );
    }
  };
  process.on("message", hear);

  return {
    start: start.promise,
    stop: stop.promise,
    send,
    attend(running) {
      gateway.resolve(running);
      send({ type: "serving" });
    },
    async renderMetrics() {
      const request = (requests += 1);
      const page = Promise.withResolvers<string>();
      pages.set(request, page.resolve);
      const tooLate = setTimeout(
        () => page.reject(new Error(`The primary process did not answer within ${ANSWER_MS} ms.`)),
        ANSWER_MS,
      );
      send({ type: "render", request });
      return page.promise.finally(() => {
        clearTimeout(tooLate);
        pages.delete(request);
      });
    },
    async [Symbol.asyncDispose]() {
      if (!process.connected) return;
      cluster.worker?.disconnect();
      await once(process, "disconnect");
    },
  };
}

/** A terminal and systemd send their signals to every process of the gateway, so two signals may be one. */
function awaitSignal(): PromiseWithResolvers<string> {
  const stop = Promise.withResolvers<string>();
  for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => stop.resolve(signal));
  // The primary handles SIGHUP, and SIGUSR1 would open Node's debugger port.
  for (const signal of ["SIGHUP", "SIGUSR1"]) process.on(signal, () => undefined);
  return stop;
}
