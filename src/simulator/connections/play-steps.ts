import { debugDataOf, type ConnectionStep } from "./connection-script.ts";
import type { ConnectionCounts, ServedConnection } from "./served-connection.ts";

export interface StepPlayer extends Disposable {
  /** Call when a counter has changed, because the next step may be due. */
  advance(): void;
}

const INTERNAL_ERROR = 2;

/**
 * Runs the steps in order, each as soon as it is due. A step that waits for a request runs before that request is read.
 */
export function playSteps(connection: ServedConnection, steps: readonly ConnectionStep[]): StepPlayer {
  const left = [...steps];
  const timers = new Set<NodeJS.Timeout>();
  let since = connection.counts;
  let waits = false;

  function after(ms: number, then: () => void): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      then();
    }, ms);
    timers.add(timer);
  }

  function advance(): void {
    const step = left[0];
    if (step === undefined || waits || connection.closed || !isDue(step, since, connection.counts)) return;
    const perform = (): void => {
      waits = false;
      left.shift();
      since = connection.counts;
      if (!connection.closed) act(connection, step, after);
      advance();
    };
    if (step.afterMs === undefined) return perform();
    waits = true;
    after(step.afterMs, perform);
  }

  return {
    advance,
    [Symbol.dispose]() {
      for (const timer of timers) clearTimeout(timer);
      left.length = 0;
    },
  };
}

function isDue(step: ConnectionStep, since: ConnectionCounts, counts: ConnectionCounts): boolean {
  const { afterRequests = 0, afterErrors = 0, afterPings = 0 } = step;
  return (
    counts.requests - since.requests >= afterRequests &&
    counts.errors - since.errors >= afterErrors &&
    counts.pingsInARow >= afterPings
  );
}

function act(connection: ServedConnection, step: ConnectionStep, after: (ms: number, then: () => void) => void): void {
  switch (step.do) {
    case "goaway":
      return connection.goAway({ code: step.code ?? 0, last: step.last ?? "received", debugData: debugDataOf(step) });
    case "settings":
      return connection.announceStreams(step.streams ?? 0);
    case "silence":
      if (step.forMs !== undefined) after(step.forMs, () => connection.resume());
      return connection.silence();
    case "reset-streams":
      return connection.resetStreams(step.code ?? INTERNAL_ERROR);
    case "junk":
      return connection.babble();
    case "end":
      return connection.end();
    case "drop":
      return connection.drop();
    case "reset":
      return connection.reset();
  }
}
