import { performance } from "node:perf_hooks";

export interface LoopDelay extends Disposable {
  /**
   * Returns how long, in milliseconds, the event loop's current work has waited on average: since the turn began, and
   * for half of the turn before, in which it arrived. Idle time does not count.
   */
  read(): number;
}

/**
 * Reads the clock once in each turn of the event loop, after the sockets. An unreferenced immediate does that without
 * keeping an idle loop awake.
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

/** A clock that stops while the loop is idle. */
function readBusyMs(): number {
  return performance.now() - performance.nodeTiming.idleTime;
}
