import type { DatabaseSync } from "node:sqlite";
import type { PreferencesPatch, PreferenceStore } from "../../gateway/preference-store.ts";
import type { EnableMode, Preferences } from "../../push/preferences.ts";
import type { GroupCommit } from "./group-commit.ts";
import type { ReadSnapshot } from "./snapshot.ts";
import { prepare } from "./statement.ts";
import { compact } from "../../push/compact.ts";

interface PreferencesRow {
  readonly mobile_push_enable: EnableMode | null;
  readonly mobile_push_expiry: number | null;
  readonly mobile_push_silent_list: string | null;
}

/** `user@domain` and `domain` share the table: only the first contains an `@`. */
export type ReadPreferences = (owner: string) => Preferences;

export function createReadPreferences(db: DatabaseSync): ReadPreferences {
  const select = prepare<PreferencesRow>(
    db,
    "SELECT mobile_push_enable, mobile_push_expiry, mobile_push_silent_list FROM preferences WHERE owner = ?",
  );

  return (owner) => {
    const row = select.get(owner);
    if (row === undefined) return {};
    const { mobile_push_enable: enable, mobile_push_expiry: expiry, mobile_push_silent_list: silentList } = row;
    return compact({
      mobile_push_enable: enable === null ? undefined : enable,
      mobile_push_expiry: expiry === null ? undefined : expiry,
      mobile_push_silent_list: silentList === null ? undefined : (JSON.parse(silentList) as string[]),
    });
  };
}

function createPatchPreferences(db: DatabaseSync): (owner: string, patch: PreferencesPatch) => Preferences {
  const read = createReadPreferences(db);
  const write = prepare(
    db,
    `INSERT OR REPLACE INTO preferences (owner, mobile_push_enable, mobile_push_expiry, mobile_push_silent_list)
     VALUES (?, ?, ?, ?)`,
  );
  const remove = prepare(db, "DELETE FROM preferences WHERE owner = ?");

  return (owner, patch) => {
    const changed = { ...read(owner), ...patch };
    const { mobile_push_enable: enable, mobile_push_expiry: expiry, mobile_push_silent_list: silentList } = changed;
    const values = [enable ?? null, expiry ?? null, silentList ? JSON.stringify(silentList) : null];
    if (values.every((value) => value === null)) remove.run(owner);
    else write.run(owner, ...values);
    return read(owner);
  };
}

export interface SqlitePreferenceStoreDeps {
  readonly db: DatabaseSync;
  readonly commits: GroupCommit;
  readonly readSnapshot: ReadSnapshot;
}

export function createSqlitePreferenceStore(deps: SqlitePreferenceStoreDeps): PreferenceStore {
  const { db, commits, readSnapshot } = deps;
  const read = createReadPreferences(db);
  const patch = createPatchPreferences(db);

  return {
    readSubscriber: (subscriber) => readSnapshot(() => read(subscriber)),
    readDomain: (domain) => readSnapshot(() => read(domain)),
    patchSubscriber: (subscriber, changes) => commits.write(() => patch(subscriber, changes)),
    patchDomain: (domain, changes) => commits.write(() => patch(domain, changes)),
  };
}
