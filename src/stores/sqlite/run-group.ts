import type { DatabaseSync } from "node:sqlite";
import { explain, isFull } from "./sqlite-error.ts";

/** An operation, and who waits for it. */
export interface Task {
  readonly run: () => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export interface RunGroupDeps {
  readonly db: DatabaseSync;
  /** For error messages. */
  readonly path: string;
  /** Makes room on a full disk; false where there is none left to make. */
  readonly makeRoom: () => boolean;
  /** Called after each COMMIT that has succeeded. */
  readonly onCommit: () => void;
  /** Called when a transaction could not be written. */
  readonly onFailure: () => void;
}

/** Runs the tasks in one transaction and answers them after its COMMIT. Throws where it could not begin: none was run. */
export type RunGroup = (group: readonly Task[]) => void;

type RunTask = (task: Task) => () => void;

export function createRunGroup({ db, path, makeRoom, onCommit, onFailure }: RunGroupDeps): RunGroup {
  const begin = db.prepare("BEGIN IMMEDIATE");
  const commit = db.prepare("COMMIT");

  function runPlain(task: Task): () => void {
    const value = task.run();
    return () => task.resolve(value);
  }

  /** Costs two statements more, and undoes the one task that fails. */
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
      // On some errors SQLite has rolled back by itself.
      if (db.isTransaction) db.exec("ROLLBACK");
      if (isFull(error) && (makeRoom() || group.length > 1)) return runEachAlone(group);
      if (!isRun && runTask === runPlain && group.length > 1) return runGroup(group, runGuarded);
      return refuse(group, error);
    }
    for (const answer of answers) answer();
  }

  /** Where there is no room for all there may be for some. */
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
