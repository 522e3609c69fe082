const SIGNALS = ["SIGTERM", "SIGINT"] as const;

export type StopSignal = (typeof SIGNALS)[number];

const EXIT_ON_SECOND = 130;

/** Resolves with the first signal that asks the process to stop. A second one ends it at once. */
export function awaitStopSignal(): Promise<StopSignal> {
  const { promise, resolve } = Promise.withResolvers<StopSignal>();
  let asked = false;
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (asked) process.exit(EXIT_ON_SECOND);
      asked = true;
      resolve(signal);
    });
  }
  // Node opens a debugger port on this signal unless it has a listener.
  process.on("SIGUSR1", () => undefined);
  return promise;
}
