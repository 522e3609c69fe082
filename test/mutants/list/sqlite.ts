import type { Mutant } from "../mutant.ts";
import { SQLITE, testsIn } from "../suites.ts";

export const SQLITE_MUTANTS: readonly Mutant[] = [
  {
    name: "sqlite-settle-without-fence",
    file: "src/stores/sqlite/settle.ts",
    find: "found.leaseToken !== token",
    replace: "false",
    suite: SQLITE,
  },
  {
    name: "sqlite-cancel-keeps-the-token",
    file: "src/stores/sqlite/settle.ts",
    find: "leaseToken: null, endedAt",
    replace: "leaseToken: found.leaseToken, endedAt",
    suite: SQLITE,
  },
  {
    name: "sqlite-double-lease",
    file: "src/stores/sqlite/lease.ts",
    find: "take.run(token, endsAt, id)",
    replace: "take.run(token, now, id)",
    suite: SQLITE,
  },
  {
    name: "sqlite-renews-for-anybody",
    file: "src/stores/sqlite/lease.ts",
    find: "AND lease_token = ?",
    replace: "AND (lease_token = ? OR TRUE)",
    suite: SQLITE,
  },
  {
    name: "sqlite-answers-before-commit",
    file: "src/stores/sqlite/run-group.ts",
    find: "return () => task.resolve(value);",
    replace: "task.resolve(value); return () => undefined;",
    suite: testsIn("src/stores/sqlite/group-commit.test.ts"),
  },
  {
    name: "sqlite-disk-is-not-synced",
    file: "src/stores/sqlite/database.ts",
    find: `"disk" ? "FULL"`,
    replace: `"disk" ? "NORMAL"`,
    suite: testsIn("src/stores/sqlite/database.test.ts"),
  },
  {
    name: "sqlite-dedup-window-halved",
    file: "src/stores/sqlite/accept.ts",
    find: "acceptedAt + windowMs",
    replace: "acceptedAt + windowMs / 2",
    suite: SQLITE,
  },
  {
    name: "sqlite-accepts-another-content-under-a-key",
    file: "src/stores/sqlite/accept.ts",
    find: "if (explicit && first.fingerprint !== fingerprint)",
    replace: "if (false)",
    suite: SQLITE,
  },
  {
    name: "sqlite-forgets-what-may-be-repeated",
    file: "src/stores/sqlite/forget.ts",
    find: "&& keep <= now",
    replace: "",
    suite: SQLITE,
  },
  {
    name: "sqlite-call-overwritten",
    file: "src/stores/sqlite/calls.ts",
    find: "AND revision = ?",
    replace: "AND revision >= ?",
    suite: SQLITE,
  },
  {
    name: "sqlite-wake-planned-on-the-same-instant",
    file: "src/stores/sqlite/wakes.ts",
    find: "excluded.due_at + (wakes.due_at = excluded.due_at)",
    replace: "excluded.due_at",
    suite: SQLITE,
  },
  {
    name: "sqlite-prunes-a-newer-registration",
    file: "src/stores/sqlite/devices.ts",
    find: "owner.registered_at >= since",
    replace: "false",
    suite: SQLITE,
  },
];
