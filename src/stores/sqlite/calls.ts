import type { DatabaseSync } from "node:sqlite";
import type { CallBook, CallKey } from "../../gateway/call-book.ts";
import type { Clock } from "../../gateway/clock.ts";
import type { Aor } from "../../push/address.ts";
import { joinCall } from "../../push/call-begin.ts";
import type { Call } from "../../push/call.ts";
import { createCallWatch } from "./call-watch.ts";
import type { GroupCommit } from "./group-commit.ts";
import type { ReadSnapshot } from "./snapshot.ts";
import { prepare } from "./statement.ts";

export interface SqliteCallBookDeps {
  readonly db: DatabaseSync;
  readonly clock: Clock;
  readonly commits: GroupCommit;
  readonly readSnapshot: ReadSnapshot;
}

interface CallRow {
  readonly record: string;
}

/** How long other processes have to read a change; they poll ten times a second. */
const CHANGES_KEPT_MS = 60_000;
/** Small enough not to delay the pushes in the same transaction. */
const FORGET_BATCH = 500;

/** Per subscriber, as on Redis: a loop must not fill the store. */
const MOST_CALLS = 200;

const SELECT_ONE = "SELECT record FROM calls WHERE callee = ? AND id = ?";

export function createFindCall(db: DatabaseSync): (callee: Aor, id: string) => Call | undefined {
  const select = prepare<CallRow>(db, SELECT_ONE);
  return (callee, id) => read(select.get(callee, id));
}

/** Returns a function that writes a call which has begun, or a further push of it: `known` is the stored call, if any. */
export function createInsertCall(db: DatabaseSync): (begun: Call, known: Call | undefined) => void {
  const insert = prepare(
    db,
    "INSERT OR REPLACE INTO calls (callee, id, state, started_at, revision, record) VALUES (?, ?, ?, ?, ?, ?)",
  );
  const count = prepare<{ calls: number }>(db, "SELECT count(*) AS calls FROM calls WHERE callee = ?");
  const forgetOldest = prepare(
    db,
    `DELETE FROM calls WHERE rowid IN
       (SELECT rowid FROM calls WHERE callee = ? ORDER BY started_at DESC LIMIT -1 OFFSET ${MOST_CALLS})`,
  );
  return (begun, known) => {
    const { callee, id } = begun;
    const call = joinCall(known, begun);
    insert.run(callee, id, call.state, call.startedAt, call.revision, JSON.stringify(call));
    if (known === undefined && (count.get(callee)?.calls ?? 0) > MOST_CALLS) forgetOldest.run(callee);
  };
}

export function createSqliteCallBook({ db, clock, commits, readSnapshot }: SqliteCallBookDeps): CallBook & Disposable {
  const find = createFindCall(db);
  const selectById = prepare<CallRow>(db, "SELECT record FROM calls WHERE id = ? ORDER BY started_at");
  const selectOf = prepare<CallRow>(
    db,
    "SELECT record FROM calls WHERE callee = ? AND started_at >= ? ORDER BY started_at DESC LIMIT ?",
  );
  const replace = createReplace(db, clock);
  const forget = prepare(
    db,
    `DELETE FROM calls WHERE rowid IN (SELECT rowid FROM calls WHERE started_at < ? LIMIT ${FORGET_BATCH})`,
  );
  const changes = createCallWatch(db, readSnapshot);

  return {
    get: ({ callee, id }) => readSnapshot(() => find(callee, id)),
    find: (id) => readSnapshot(() => selectById.all(id).map(parse)),
    list: (callee, { since, limit }) => readSnapshot(() => selectOf.all(callee, since, limit).map(parse)),
    async replace(before, after) {
      const isReplaced = await commits.write(() => replace(before, after));
      if (isReplaced) changes.tell(after);
      return isReplaced;
    },
    async forgetCalls(olderThanMs) {
      const cutoff = clock() - olderThanMs;
      for (let forgotten = 0; ;) {
        const batch = await commits.write(() => forget.run(cutoff));
        forgotten += batch;
        if (batch < FORGET_BATCH) return forgotten;
      }
    },
    watch: (onChange) => changes.watch(onChange),
    [Symbol.dispose]: () => changes[Symbol.dispose](),
  };
}

function createReplace(db: DatabaseSync, clock: Clock): (before: Call, after: Call) => boolean {
  const update = prepare(
    db,
    "UPDATE calls SET state = ?, revision = ?, record = ? WHERE callee = ? AND id = ? AND revision = ? AND started_at = ?",
  );
  const forgetChanges = prepare(db, "DELETE FROM call_changes WHERE at < ?");
  const insertChange = prepare(db, "INSERT INTO call_changes (at, callee, id, push_ids, state) VALUES (?, ?, ?, ?, ?)");
  return (before, after) => {
    const { callee, id }: CallKey = before;
    const { state, revision } = after;
    const key = [callee, id, before.revision, before.startedAt];
    if (update.run(state, revision, JSON.stringify(after), ...key) === 0) return false;
    const now = clock();
    forgetChanges.run(now - CHANGES_KEPT_MS);
    insertChange.run(now, callee, id, JSON.stringify(after.pushIds), state);
    return true;
  };
}

function read(row: CallRow | undefined): Call | undefined {
  return row === undefined ? undefined : parse(row);
}

function parse({ record }: CallRow): Call {
  return JSON.parse(record) as Call;
}
