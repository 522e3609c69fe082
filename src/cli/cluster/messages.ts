import type { Gateway } from "../../app.ts";
import type { Config } from "../../config/config.ts";

export type MetricsSnapshot = Awaited<ReturnType<Gateway["snapshotMetrics"]>>;

/** What the primary tells a worker. */
export type ToWorker =
  | StartMessage
  | { readonly type: "reload"; readonly config: Config }
  | { readonly type: "stop"; readonly signal: string }
  /** Answered with `measured`. */
  | { readonly type: "measure"; readonly request: number }
  /** Answers `render`. */
  | { readonly type: "metrics"; readonly request: number; readonly page: string };

export interface StartMessage {
  readonly type: "start";
  /** The configuration that all workers began with: what a reload cannot change is the same in all of them. */
  readonly config: Config;
  /** The one that is in force by now. */
  readonly reloaded: Config | undefined;
}

/** What a worker tells the primary. */
export type ToPrimary =
  | { readonly type: "serving" }
  | { readonly type: "failed"; readonly reason: string }
  | { readonly type: "measured"; readonly request: number; readonly snapshot: MetricsSnapshot }
  /** Asks for the metrics of all workers as one page. */
  | { readonly type: "render"; readonly request: number };
