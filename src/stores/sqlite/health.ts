import type { DatabaseSync } from "node:sqlite";
import type { Displacement, FindDisplacement } from "./file-identity.ts";
import type { GroupCommit } from "./group-commit.ts";
import { SqliteStoreError } from "./sqlite-error.ts";
import { prepare } from "./statement.ts";

/** All texts are sentences for an operator: what is wrong, and what to do. */
export interface SqliteHealth {
  /** Why new pushes cannot be stored; empty if they can. */
  readonly problems: readonly string[];
  readonly degraded: readonly string[];
  /** The problems that say that nothing can be written. */
  readonly durability: readonly string[];
  /** The file is missing or was replaced. */
  readonly lost?: string;
}

export interface HealthWatch {
  /** Throws if the file was found displaced, because writes would be lost. Does no I/O: `inspect` checks. */
  readonly requireFile: () => void;
  /** Checks the path, and writes a row if nothing was written recently. Call it every few seconds. */
  readonly inspect: () => Promise<SqliteHealth>;
}

export interface HealthWatchDeps {
  readonly db: DatabaseSync;
  readonly path: string;
  readonly commits: Pick<GroupCommit, "write" | "lastCommitAt">;
  readonly findDisplacement: FindDisplacement;
  /** Throws if the disk is full. */
  readonly requireRoom: () => void;
  /** Milliseconds from any starting point. */
  readonly now: () => number;
}

/** A commit within this time proves that the file can be written. */
const PROOF_MS = 4_000;

export function createHealthWatch(deps: HealthWatchDeps): HealthWatch {
  const { db, path, commits, findDisplacement, requireRoom, now } = deps;
  const pending = prepare<{ pending: number }>(db, "SELECT pending FROM queue");
  const probe = prepare(db, "INSERT OR REPLACE INTO meta (key, value) VALUES ('probe', ?)");
  let lost: string | undefined;

  async function findWriteProblem(): Promise<string | undefined> {
    try {
      requireRoom();
      if (now() - commits.lastCommitAt() >= PROOF_MS) await commits.write(() => probe.run(Math.floor(now())));
      return undefined;
    } catch (error) {
      if (error instanceof SqliteStoreError && error.code !== "closed") return error.message;
      throw error;
    }
  }

  return {
    requireFile() {
      if (lost !== undefined) throw new SqliteStoreError("displaced", lost);
    },
    async inspect() {
      const displacement = await findDisplacement();
      if (displacement !== undefined) {
        lost = describeLoss(path, displacement, pending.get()?.pending ?? 0);
        return { problems: [lost], degraded: [], durability: [], lost };
      }
      lost = undefined;
      const problem = await findWriteProblem();
      const problems = problem === undefined ? [] : [problem];
      return { problems, degraded: [], durability: problems };
    },
  };
}

function describeLoss(databasePath: string, { path, found }: Displacement, pending: number): string {
  const what =
    found === "nothing"
      ? `${path} is gone: it was deleted, or moved, while the gateway had it open.`
      : `${path} is another file than the one that the gateway has open: something was put in its place.`;
  const waiting =
    pending === 1 ? "1 push that was accepted before is" : `${pending} pushes that were accepted before are`;
  const mend =
    found === "nothing"
      ? "Move it back, and the gateway goes on; or restore a backup and restart the gateway."
      : `Restart the gateway, and it uses what is at ${databasePath} now.`;
  return (
    `${what} New pushes and registrations are refused, for they would be lost. ${waiting} still delivered from the open file while this ` +
    `gateway runs; what has not ended when it stops is lost with that file. ${mend}`
  );
}
