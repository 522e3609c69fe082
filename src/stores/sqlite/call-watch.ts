import type { DatabaseSync } from "node:sqlite";
import type { CallBook, CallChange } from "../../gateway/call-book.ts";
import type { ReadSnapshot } from "./snapshot.ts";
import { prepare } from "./statement.ts";

interface ChangeRow extends Omit<CallChange, "pushIds"> {
  readonly seq: number;
  /** JSON. */
  readonly push_ids: string;
}

export interface CallWatch extends Disposable {
  /** Reports a change of this process at once. */
  tell(change: CallChange): void;
  readonly watch: CallBook["watch"];
}

/** Polling interval for changes of other processes; a woken phone takes longer to ring. */
const LOOK_MS = 100;
const MAX_CHANGES = 1_000;

/** Polls a short list of changes, because SQLite sends no notifications. */
export function createCallWatch(db: DatabaseSync, readSnapshot: ReadSnapshot): CallWatch {
  const newest = prepare<{ seq: number }>(db, "SELECT coalesce(max(seq), 0) AS seq FROM call_changes");
  const later = prepare<ChangeRow>(
    db,
    `SELECT seq, callee, id, state, push_ids FROM call_changes WHERE seq > ? ORDER BY seq LIMIT ${MAX_CHANGES}`,
  );
  const listeners = new Set<(change: CallChange) => void>();
  let seen = 0;
  let timer: NodeJS.Timeout | undefined;

  const tell = ({ callee, id, pushIds, state }: CallChange): void => {
    for (const listener of listeners) listener({ callee, id, pushIds, state });
  };

  async function look(): Promise<void> {
    // Errors of a busy or full store are reported elsewhere. The next poll reads the same changes.
    const changes = await readSnapshot(() => later.all(seen)).catch((): ChangeRow[] => []);
    for (const change of changes) {
      seen = change.seq;
      tell({ ...change, pushIds: JSON.parse(change.push_ids) as string[] });
    }
  }

  return {
    tell,
    watch(onChange) {
      if (listeners.size === 0) {
        seen = newest.get()?.seq ?? 0;
        timer = setInterval(() => void look(), LOOK_MS).unref();
      }
      listeners.add(onChange);
      return {
        [Symbol.dispose]() {
          listeners.delete(onChange);
          if (listeners.size === 0) clearInterval(timer);
        },
      };
    },
    [Symbol.dispose]() {
      listeners.clear();
      clearInterval(timer);
    },
  };
}
