import { dirname, join } from "node:path";
import type { CredentialDeps } from "../credentials/certificate-pair.ts";
import type { RawConfig } from "../schema/config-schema.ts";

/** Facts that decide on the database file besides the settings. */
export interface StoreFolderDeps extends CredentialDeps {
  readonly directoryExists: (path: string) => boolean;
  readonly fileExists: (path: string) => boolean;
  /** The folder that systemd gives to the service (`StateDirectory=`), if it does. */
  readonly stateDirectory: string | undefined;
}

const DATABASE = "sip-pushd.db";
const DEFAULT_FOLDER = "/var/lib/sip-pushd";

/** Returns the absolute path of the database file; reports a folder that does not exist. */
export function resolveSqlitePath({ enable, store }: RawConfig, deps: StoreFolderDeps): string {
  const { report, files, directoryExists } = deps;
  const path = store.path === undefined ? chooseDefault(store, deps) : files.resolve(store.path);
  const folder = dirname(path);
  if (enable && !directoryExists(folder)) {
    const message = `there is no directory ${folder} for the database`;
    const create =
      store.path === undefined
        ? `run: install -d -m 750 -o <user of the service> ${folder} (systemd: StateDirectory=sip-pushd), or write store.path`
        : `run: mkdir -p ${folder}, or correct the path`;
    report.error(store, "path", { message, mend: create });
  }
  return path;
}

/** Releases before 0.2 kept the file beside the configuration; it is used until it is moved. */
function chooseDefault(store: RawConfig["store"], deps: StoreFolderDeps): string {
  const { report, files, fileExists, stateDirectory } = deps;
  const path = join(stateDirectory ?? DEFAULT_FOLDER, DATABASE);
  const beside = files.resolve(DATABASE);
  if (beside === path || fileExists(path) || !fileExists(beside)) return path;
  const folder = dirname(path);
  report.warning(store, "path", {
    message: `the database ${beside} is used, since there is none at the default place, ${path}`,
    mend: `stop the gateway and run: mkdir -p ${folder} && mv ${beside}* ${folder}/ (or write store.path: ${beside})`,
  });
  return beside;
}

/** systemd separates several folders by colons. */
export function readStateDirectory(variable: string | undefined): string | undefined {
  const [first = ""] = (variable ?? "").split(":");
  return first.startsWith("/") ? first : undefined;
}
