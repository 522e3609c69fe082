import type { Config } from "../../src/config/config.ts";
import { loadConfig } from "../../src/config/load-config.ts";
import { ConfigError, printProblem, type ConfigProblem } from "../../src/config/problem.ts";
import type { LoadOptions } from "../../src/config/read-config.ts";
import { createCredentialFiles, type CredentialFiles } from "./credential-files.ts";

/** Loads configurations from a directory of valid credentials: `tls`, `apns`, `voip`, a `.p8`, a service account. */
export interface ConfigFixture extends Disposable {
  readonly files: CredentialFiles;
  load(text: string, options?: Partial<LoadOptions>): { config: Config; warnings: string[] };
  /** Returns the printed problems of a configuration; empty if it can be loaded. */
  problemsOf(text: string, options?: Partial<LoadOptions>): string[];
  problemsOfFile(file: string): string[];
}

export const CONFIG_NOW = Date.UTC(2026, 10, 23);
export const BUNDLE_ID = "com.example.app";

export function createConfigFixture(): ConfigFixture {
  const files = createCredentialFiles();
  writeCredentials(files);
  // Removes the random directory.
  const print = (problem: ConfigProblem) => printProblem(problem).replaceAll(`${files.directory}/`, "");
  const env = { STATE_DIRECTORY: files.directory };
  const problemsOf = (attempt: () => unknown) => {
    try {
      attempt();
    } catch (error) {
      if (error instanceof ConfigError) return error.problems.map(print);
      throw error;
    }
    return [];
  };
  const fixture: ConfigFixture = {
    files,
    load(text, options = {}) {
      const file = files.path("config.yml");
      const { config, warnings } = loadConfig({
        file,
        text,
        now: CONFIG_NOW,
        ...options,
        env: { ...env, ...options.env },
      });
      return { config, warnings: warnings.map(print) };
    },
    problemsOf: (text, options) => problemsOf(() => fixture.load(text, options)),
    problemsOfFile: (file) => problemsOf(() => loadConfig({ file, env, now: CONFIG_NOW })),
    [Symbol.dispose]: () => files[Symbol.dispose](),
  };
  return fixture;
}

function writeCredentials(files: CredentialFiles): void {
  files.certificate("tls");
  files.certificate("apns", {
    uid: BUNDLE_ID,
    cn: `Apple Push Services: ${BUNDLE_ID}`,
    topics: [
      [BUNDLE_ID, "app"],
      [`${BUNDLE_ID}.voip`, "voip"],
    ],
  });
  files.certificate("voip", { uid: `${BUNDLE_ID}.voip`, cn: `VoIP Services: ${BUNDLE_ID}` });
  files.write("AuthKey_ABCDE12345.p8", files.read("apns-key.pem"));
  files.serviceAccount("firebase.json");
  files.write("proxy.key", "0123456789abcdef\n");
}
