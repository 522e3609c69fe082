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
  /** A change of this process: known at once. */
  tell(change: CallChange): void;
  readonly watch: CallBook["watch"];
}

/** How soon the change of another process is seen: a woken phone takes longer than that to ring. */
const LOOK_MS = 100;
const MAX_CHANGES = 1_000;

/** SQLite tells nobody of a change: who watches looks at a short list of them from time to time. */
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
    // A store that is busy or full has its errors told elsewhere; the next look makes it good.
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
