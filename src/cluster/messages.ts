import type { Gateway } from "../app.ts";
import type { Config } from "../config/config.ts";
import type { CredentialFault } from "../config/credentials/file-record.ts";

export type MetricsSnapshot = Awaited<ReturnType<Gateway["snapshotMetrics"]>>;

/** What the primary tells a worker. */
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
  /** Those that have changed. */
  readonly files: readonly string[];
  readonly warnings: readonly string[];
}

export interface StartMessage {
  readonly type: "start";
  /** The configuration that all workers began with: what a reload cannot change is the same in all of them. */
  readonly config: Config;
  /** The one that is in force by now. */
  readonly reloaded: Config | undefined;
  /** Credentials that cannot be used. */
  readonly faults: readonly CredentialFault[];
}

/** What a worker tells the primary. */
export type ToPrimary =
  | { readonly type: "serving" }
  | { readonly type: "failed"; readonly reason: string }
  | { readonly type: "measured"; readonly request: number; readonly snapshot: MetricsSnapshot }
  /** Asks for the metrics of all workers as one page. */
  | { readonly type: "render"; readonly request: number };
