import { isDeepStrictEqual } from "node:util";
import type { Config } from "../config/config.ts";
import type { CredentialFault } from "../config/credentials/file-record.ts";
import type { LoadedConfig } from "../config/load-config.ts";
import { ConfigError, printProblem, type ConfigProblem } from "../config/problem.ts";
import type { LoadOptions } from "../config/read-config.ts";
import { reloadConfig } from "../config/reload-config.ts";
import type { Clock } from "../gateway/clock.ts";
import type { Sleep } from "../gateway/sleep.ts";
import type { ConfigChanges } from "./config-changes.ts";
import {
  isSameSnapshot,
  lookInto,
  readFromLooks,
  takeFingerprints,
  type FileSnapshot,
  type Fingerprints,
} from "./file-snapshots.ts";

/** Receiver of changed configurations. */
export type ConfigFollower = Omit<ConfigChanges, "reload"> & { reload(config: Config): void };

export interface LiveConfigDeps {
  /** Options with which the configuration was loaded, and the result. */
  readonly options: Omit<LoadOptions, "text" | "now" | "readFile">;
  readonly loaded: LoadedConfig;
  readonly follower: ConfigFollower;
  readonly clock: Clock;
  readonly sleep: Sleep;
  /** Interval between two checks of credential files. */
  readonly lookEveryMs?: number;
}

const LOOK_EVERY_MS = 5_000;
/**
 * Interval for trying again: time alone may repair credentials, such as a certificate that is not valid yet, or an
 * unreadable disk.
 */
const TRY_AGAIN_MS = 60_000;

type Looks = ReadonlyMap<string, FileSnapshot>;

/**
 * The configuration of a running gateway. Settings are read again only on request. Certificates, keys and other secrets
 * are reloaded when their files change; if the new ones cannot be used, the old ones stay in force.
 *
 * Files are polled, because file system events miss links that are pointed elsewhere (Kubernetes) and network disks. A
 * certificate and its key are two files that match only when both are new, so a mismatch is a fault only if the next
 * check finds it as well.
 */
export class LiveConfig implements AsyncDisposable {
  readonly #deps: LiveConfigDeps;
  readonly #stop = new AbortController();
  readonly #watching: Promise<void>;
  #loaded: LoadedConfig;
  #fingerprints: Fingerprints = new Map();
  /** Files of the last attempt to load. */
  #tried: Looks;
  #triedAt: number;
  /**
   * True while a fault is not reported yet, or right after a change: another one may follow within the file system's
   * time resolution.
   */
  #isUnsettled = true;
  #found: readonly CredentialFault[];
  #reported: readonly CredentialFault[];

  constructor(deps: LiveConfigDeps) {
    this.#deps = deps;
    this.#loaded = deps.loaded;
    this.#tried = asLooks(deps.loaded);
    this.#triedAt = deps.clock();
    this.#found = this.#reported = deps.loaded.faults;
    this.#watching = this.#watch();
  }

  /** Reads everything again, synchronously. */
  reread(): void {
    const { options, follower, clock } = this.#deps;
    try {
      const loaded = reloadConfig({ ...options, now: clock() }, this.#loaded);
      if (!loaded.config.enabled) {
        return follower.refuseReload(`${options.file} says enable: no; stop the gateway instead`);
      }
      this.#loaded = loaded;
      this.#tried = asLooks(loaded);
      this.#fingerprints = new Map();
      follower.reload(loaded.config);
      this.#found = loaded.faults;
      this.#report(loaded.faults);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      follower.refuseReload(error.message);
    }
  }

  /** Ends the checks, and waits for one in progress. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#watching;
  }

  async #watch(): Promise<void> {
    const { sleep, follower, lookEveryMs = LOOK_EVERY_MS } = this.#deps;
    while (!this.#stop.signal.aborted) {
      await sleep(lookEveryMs, this.#stop.signal);
      try {
        if (!this.#stop.signal.aborted) await this.#look();
      } catch (error) {
        follower.noteUnexpected("look at the files of the credentials", error);
      }
    }
  }

  async #look(): Promise<void> {
    const loaded = this.#loaded;
    const fingerprints = await takeFingerprints(loaded.files);
    const isChanged = !isDeepStrictEqual(fingerprints, this.#fingerprints);
    const isDue = this.#found.length > 0 && this.#deps.clock() - this.#triedAt >= TRY_AGAIN_MS;
    if (!isChanged && !this.#isUnsettled && !isDue) return;
    const looks = await lookInto(loaded.files);
    // Everything may have been read again meanwhile.
    if (this.#stop.signal.aborted || this.#loaded !== loaded) return;
    this.#fingerprints = fingerprints;
    this.#isUnsettled = isChanged;
    if (isDue || loaded.files.some((path) => !isSameSnapshot(looks.get(path), this.#tried.get(path)))) this.#try(looks);
    else this.#report(this.#found);
  }

  #try(looks: Looks): void {
    this.#tried = looks;
    this.#triedAt = this.#deps.clock();
    const suspected = new Set(this.#found.map(({ unit }) => unit));
    this.#found = this.#renew(looks);
    const confirmed = this.#found.filter(({ unit }) => suspected.has(unit));
    if (confirmed.length < this.#found.length) this.#isUnsettled = true;
    this.#report(confirmed);
  }

  /** Returns the credentials that cannot be used. */
  #renew(looks: Looks): readonly CredentialFault[] {
    const { options, follower, clock } = this.#deps;
    const before = this.#loaded;
    try {
      // Uses the settings in force, not those that may be half-edited. The store is open, so its directory is not
      // looked for.
      const { store } = before.config;
      const isOpenStore = (path: string) => store.kind === "sqlite" && path === store.path;
      const disk = { readFile: readFromLooks(looks), directoryExists: () => true, fileExists: isOpenStore };
      const read = { ...disk, now: clock() };
      const loaded = reloadConfig(
        { ...options, ...read, ...(before.text === undefined ? {} : { text: before.text }) },
        before,
      );
      this.#loaded = loaded;
      if (!isDeepStrictEqual(loaded.config, before.config)) {
        follower.renewCredentials(loaded.config, listChanged(before, loaded), listNewWarnings(before, loaded));
      }
      return loaded.faults;
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      return [{ unit: "configuration", app: "gateway", detail: describeErrors(error) }];
    }
  }

  #report(faults: readonly CredentialFault[]): void {
    if (isDeepStrictEqual(faults, this.#reported)) return;
    this.#reported = faults;
    this.#deps.follower.noteCredentialFaults(faults);
  }
}

function describeErrors({ problems }: ConfigError): string {
  const errors = problems.filter(({ severity }) => severity === "error");
  return errors.map((problem) => `${printProblem(problem)}.`).join(" ");
}

function asLooks({ contents }: LoadedConfig): Looks {
  return new Map([...contents].map(([path, content]) => [path, { content }]));
}

function listChanged(before: LoadedConfig, after: LoadedConfig): string[] {
  return after.files.filter((path) => {
    const content = after.contents.get(path);
    return content !== undefined && before.contents.get(path)?.bytes.equals(content.bytes) !== true;
  });
}

function listNewWarnings(before: LoadedConfig, after: LoadedConfig): string[] {
  const isKnown = (warning: ConfigProblem) =>
    before.warnings.some(({ key, message }) => key === warning.key && message === warning.message);
  return after.warnings.filter((warning) => !isKnown(warning)).map((warning) => `${printProblem(warning)}.`);
}
