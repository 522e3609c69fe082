import type { DatabaseSync } from "node:sqlite";
import { explain, isFull } from "./sqlite-error.ts";

/** An operation with its caller's promise. */
export interface Task {
  readonly run: () => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export interface RunGroupDeps {
  readonly db: DatabaseSync;
  /** For error messages. */
  readonly path: string;
  /** Makes room on a full disk. Returns false if no more can be made. */
  readonly makeRoom: () => boolean;
  /** Called after each successful COMMIT. */
  readonly onCommit: () => void;
  /** Called if a transaction could not be written. */
  readonly onFailure: () => void;
}

/**
 * Runs the tasks in one transaction and settles them after its COMMIT. Throws if it could not begin; then no task has
 * run.
 */
export type RunGroup = (group: readonly Task[]) => void;

type RunTask = (task: Task) => () => void;

export function createRunGroup({ db, path, makeRoom, onCommit, onFailure }: RunGroupDeps): RunGroup {
  const begin = db.prepare("BEGIN IMMEDIATE");
  const commit = db.prepare("COMMIT");

  function runPlain(task: Task): () => void {
    const value = task.run();
    return () => task.resolve(value);
  }

  /** Takes two more statements, and undoes only the task that fails. */
  function runGuarded(task: Task): () => void {
    db.exec("SAVEPOINT task");
    try {
      const answer = runPlain(task);
      db.exec("RELEASE task");
      return answer;
    } catch (error) {
      if (isFull(error) || !db.isTransaction) throw error;
      db.exec("ROLLBACK TO task; RELEASE task");
      return () => task.reject(explain(path, error));
    }
  }

  function runGroup(group: readonly Task[], runTask: RunTask): void {
    begin.run();
    let isRun = false;
    let answers: readonly (() => void)[] = [];
    try {
      answers = group.map((task) => runTask(task));
      isRun = true;
      commit.run();
      onCommit();
    } catch (error) {
      // SQLite rolls back by itself on some errors.
      if (db.isTransaction) db.exec("ROLLBACK");
      if (isFull(error) && (makeRoom() || group.length > 1)) return runEachAlone(group);
      if (!isRun && runTask === runPlain && group.length > 1) return runGroup(group, runGuarded);
      return refuse(group, error);
    }
    for (const answer of answers) answer();
  }

  /** If there is no room for all tasks, there may be for some. */
  function runEachAlone(group: readonly Task[]): void {
    for (const task of group) {
      try {
        runGroup([task], runPlain);
      } catch (error) {
        refuse([task], error);
      }
    }
  }

  function refuse(group: readonly Task[], error: unknown): void {
    onFailure();
    const explained = explain(path, error);
    for (const task of group) task.reject(explained);
  }

  return (group) => runGroup(group, runPlain);
}
