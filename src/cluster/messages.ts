import type { Gateway } from "../app.ts";
import type { Config } from "../config/config.ts";
import type { CredentialFault } from "../config/credentials/file-record.ts";

export type MetricsSnapshot = Awaited<ReturnType<Gateway["snapshotMetrics"]>>;

/** Messages from the primary to a worker. */
export type ToWorker =
  | StartMessage
  | { readonly type: "reload"; readonly config: Config }
  | RenewMessage
  | { readonly type: "faults"; readonly faults: readonly CredentialFault[] }
  | { readonly type: "stop"; readonly signal: string }
  /** Answered with `measured`. */
  | { readonly type: "measure"; readonly request: number }
  /** Answers `render`. */
  | { readonly type: "metrics"; readonly request: number; readonly page: string };

interface RenewMessage {
  readonly type: "renew";
  readonly config: Config;
  /** Changed files. */
  readonly files: readonly string[];
  readonly warnings: readonly string[];
}

export interface StartMessage {
  readonly type: "start";
  /**
   * The configuration with which all workers began, so that settings that a reload cannot change are the same in all.
   */
  readonly config: Config;
  /** The configuration in force. */
  readonly reloaded: Config | undefined;
  /** Credentials that cannot be used. */
  readonly faults: readonly CredentialFault[];
}

/** Messages from a worker to the primary. */
export type ToPrimary =
  | { readonly type: "serving" }
  | { readonly type: "failed"; readonly reason: string }
  | { readonly type: "measured"; readonly request: number; readonly snapshot: MetricsSnapshot }
  /** Asks for the metrics of all workers as one page. */
  | { readonly type: "render"; readonly request: number };
