import { accessSync, constants, existsSync } from "node:fs";
import { dirname } from "node:path";
import type { StoreConfig } from "../config/config.ts";
import type { ConfigProblem } from "../config/problem.ts";

/** Throws if this process may not write to a path. */
export type TestWriting = (path: string) => void;

/**
 * Returns what keeps this process from writing to its database; undefined if nothing does. SQLite creates files beside it, so the
 * folder has to be writable as well.
 */
export function findStoreProblem(
  file: string,
  store: StoreConfig,
  testWriting: TestWriting = testWritingByMode,
): ConfigProblem | undefined {
  if (store.kind !== "sqlite") return undefined;
  const folder = dirname(store.path);
  const refused = [folder, store.path].find((path) => !mayWrite(path, testWriting));
  if (refused === undefined) return undefined;
  return {
    severity: "error",
    file,
    key: "store.path",
    message: `this process may not write to ${refused}`,
    mend: `run: chown -R <user of the service> ${folder} (systemd: StateDirectory=sip-pushd), or write store.path: and a path that it may write to`,
  };
}

function mayWrite(path: string, testWriting: TestWriting): boolean {
  if (!existsSync(path)) return true;
  try {
    testWriting(path);
    return true;
  } catch {
    return false;
  }
}

function testWritingByMode(path: string): void {
  accessSync(path, constants.W_OK);
}
