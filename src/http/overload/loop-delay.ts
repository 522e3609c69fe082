import { performance } from "node:perf_hooks";

export interface LoopDelay extends Disposable {
  /**
   * How long, in milliseconds, what the event loop is working on now has waited for it on average: since the turn began, and for half of
   * the turn before, in which it came. The time for which the loop had nothing to do does not count.
   */
  read(): number;
}

/**
 * Looks at the clock once in each turn of the event loop, after the sockets. An immediate that is not referenced does that without keeping
 * an idle loop awake.
 */
export function watchLoopDelay(): LoopDelay {
  let turnBegan = readBusyMs();
  let turnBefore = 0;
  let isStopped = false;

  function arm(): void {
    setImmediate(() => {
      if (isStopped) return;
      const now = readBusyMs();
      turnBefore = now - turnBegan;
      turnBegan = now;
      arm();
    }).unref();
  }
  arm();

  return {
    read: () => readBusyMs() - turnBegan + turnBefore / 2,
    [Symbol.dispose]() {
      isStopped = true;
    },
  };
}

/** A clock that stands still while the loop waits for something to happen. */
function readBusyMs(): number {
  return performance.now() - performance.nodeTiming.idleTime;
}
