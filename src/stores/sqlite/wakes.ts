import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../../gateway/clock.ts";
import type { TakenWake, TakeWakes, WakeBook } from "../../gateway/wake-book.ts";
import type { Aor } from "../../push/address.ts";
import type { GroupCommit } from "./group-commit.ts";
import type { ReadSnapshot } from "./snapshot.ts";
import { prepare } from "./statement.ts";

export interface SqliteWakeBookDeps {
  readonly db: DatabaseSync;
  readonly clock: Clock;
  readonly commits: GroupCommit;
  readonly readSnapshot: ReadSnapshot;
}

interface WakeRow {
  readonly subscriber: string;
  readonly device_id: string;
  readonly due_at: number;
}

export function createSqliteWakeBook({ db, clock, commits, readSnapshot }: SqliteWakeBookDeps): WakeBook {
  // A gateway that has taken the old wake identifies it by the time at which it is due again. The new wake is never due
  // at that time, or the gateway would remove it.
  const plan = prepare(
    db,
    `INSERT INTO wakes (subscriber, device_id, due_at) VALUES (?, ?, ?)
     ON CONFLICT (subscriber, device_id) DO UPDATE SET due_at = excluded.due_at + (wakes.due_at = excluded.due_at)`,
  );
  const cancel = prepare(db, "DELETE FROM wakes WHERE subscriber = ? AND device_id = ?");
  const finish = prepare(db, "DELETE FROM wakes WHERE subscriber = ? AND device_id = ? AND due_at = ?");
  const anyDue = prepare<unknown>(db, "SELECT 1 FROM wakes WHERE due_at <= ? LIMIT 1");
  const takeDue = createTakeDue(db, clock);

  return {
    async plan({ subscriber, deviceId, afterMs }) {
      await commits.write(() => plan.run(subscriber, deviceId, clock() + afterMs));
    },
    async cancel({ subscriber, deviceId }) {
      await commits.write(() => cancel.run(subscriber, deviceId));
    },
    async takeDue(request) {
      const isAnyDue = await readSnapshot(() => anyDue.get(clock()) !== undefined);
      // Most polls find nothing, and then need no lock.
      return isAnyDue ? commits.write(() => takeDue(request)) : [];
    },
    async finish({ subscriber, deviceId, againAt }) {
      await commits.write(() => finish.run(subscriber, deviceId, againAt));
    },
  };
}

function createTakeDue(db: DatabaseSync, clock: Clock): (request: TakeWakes) => readonly TakenWake[] {
  const due = prepare<WakeRow>(
    db,
    "SELECT subscriber, device_id, due_at FROM wakes WHERE due_at <= ? ORDER BY due_at LIMIT ?",
  );
  const postpone = prepare(db, "UPDATE wakes SET due_at = ? WHERE subscriber = ? AND device_id = ?");
  return ({ limit, againMs }) => {
    const now = clock();
    const againAt = now + againMs;
    return due.all(now, limit).map(({ subscriber, device_id: deviceId, due_at: dueAt }) => {
      postpone.run(againAt, subscriber, deviceId);
      return { subscriber: subscriber as Aor, deviceId, lateMs: now - dueAt, againAt };
    });
  };
}
