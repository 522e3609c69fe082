import type { DatabaseSync } from "node:sqlite";
import { createRunGroup, type RunGroupDeps, type Task } from "./run-group.ts";
import { closed, explain, isBusy } from "./sqlite-error.ts";

/**
 * Runs all operations of one tick of the event loop in one transaction. They share the cost of a COMMIT, and none is
 * answered before it. An operation that throws does not affect the others.
 */
export interface GroupCommit extends AsyncDisposable {
  /** The operation must be synchronous and have no effects outside of the database, because it may run twice. */
  write<T>(operation: () => T): Promise<T>;
  /**
   * The same, for an operation that no client waits for: it shares the next commit, or has its own after a few
   * milliseconds. It runs before all later operations.
   */
  writeSoon<T>(operation: () => T): Promise<T>;
  /** Time of the last write by `performance.now()`; -Infinity if there was none since a write failed. */
  lastCommitAt(): number;
}

export interface GroupCommitDeps extends Omit<RunGroupDeps, "onCommit" | "onFailure"> {
  readonly db: DatabaseSync;
  /** How long a lock of another process may delay writes before they are refused. */
  readonly lockTimeoutMs: number;
}

/** Limits the time for which one group blocks the event loop. */
const MAX_GROUP = 128;
const LOCK_RETRY_MS = 10;
/** At 200 pushes a second, half of all commits are saved. */
const SOON_MS = 5;

export function createGroupCommit(deps: GroupCommitDeps): GroupCommit {
  const { db, path, lockTimeoutMs } = deps;
  let committedAt = -Infinity;
  const runGroup = createRunGroup({
    ...deps,
    onCommit: () => (committedAt = performance.now()),
    onFailure: () => (committedAt = -Infinity),
  });
  const waiting: Task[] = [];
  let soon: NodeJS.Timeout | undefined;
  let isScheduled = false;
  const lock = new LockPatience(lockTimeoutMs);
  let closing: Promise<void> | undefined;
  let whenIdle: (() => void) | undefined;

  function schedule(): void {
    if (isScheduled) return;
    isScheduled = true;
    // After the poll phase: all requests that arrived in it share a commit, and an idle process loses no time.
    if (!lock.isWaiting) setImmediate(flush);
    else setTimeout(flush, LOCK_RETRY_MS);
  }

  function flush(): void {
    isScheduled = false;
    clearTimeout(soon);
    soon = undefined;
    const group = waiting.splice(0, MAX_GROUP);
    try {
      if (group.length > 0) runGroup(group);
      lock.end();
    } catch (error) {
      if (isBusy(error) && lock.canWait()) waiting.unshift(...group);
      else refuse(group, error);
    }
    if (waiting.length > 0) schedule();
    else whenIdle?.();
  }

  function refuse(group: readonly Task[], error: unknown): void {
    committedAt = -Infinity;
    for (const task of group) task.reject(explain(path, error));
  }

  async function close(): Promise<void> {
    schedule();
    await new Promise<void>((resolve) => (whenIdle = resolve));
    db.close();
  }

  function add<T>(operation: () => T, plan: () => unknown): Promise<T> {
    if (closing !== undefined) return Promise.reject(closed(path));
    return new Promise<T>((resolve, reject) => {
      waiting.push({ run: operation, resolve: (value) => resolve(value as T), reject });
      plan();
    });
  }

  return {
    write: (operation) => add(operation, schedule),
    writeSoon: (operation) => add(operation, () => isScheduled || (soon ??= setTimeout(schedule, SOON_MS))),
    lastCommitAt: () => committedAt,
    [Symbol.asyncDispose]: () => (closing ??= close()),
  };
}

/** How long writes wait for the lock of another process. */
class LockPatience {
  readonly #timeoutMs: number;
  #since: number | undefined;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  get isWaiting(): boolean {
    return this.#since !== undefined;
  }

  /** After the first refusal, later groups get one attempt each until the lock is gone. */
  canWait(): boolean {
    this.#since ??= performance.now();
    return performance.now() - this.#since < this.#timeoutMs;
  }

  end(): void {
    this.#since = undefined;
  }
}
