import type { Row } from "../measure/compare.ts";
import type { RedisServer } from "../../test/fixtures/redis-servers.ts";
import type { Stage } from "../stage/stage.ts";
import type { Figures } from "../report/targets.ts";

/** How much is measured. */
export interface Sizes {
  /** Measurements of each party under each load. */
  readonly rounds: number;
  /** Pushes of one load without a rate. */
  readonly closedPushes: number;
  /** Duration of one load with a rate. */
  readonly openSeconds: number;
  /** Pushes before the first measurement of a party. */
  readonly warmUpPushes: number;
  readonly callees: number;
}

export interface CaseContext {
  readonly stage: Stage;
  /** Undefined if this machine has no Redis; its cases are then left out. */
  readonly redis: RedisServer | undefined;
  readonly sizes: Sizes;
}

/** A figure that is not one of a load. */
export interface Fact {
  readonly title: string;
  readonly value: number;
  readonly unit: string;
}

export interface CaseResult {
  /** The rows of one list are ratios to its first row of the same load. */
  readonly comparisons: readonly Comparison[];
  readonly facts: readonly Fact[];
  /** Values of the targets that this case measures. */
  readonly figures: Figures;
}

/** One base and what is compared with it under one load, measured in turn. */
export interface Comparison {
  readonly title: string;
  readonly rows: readonly Row[];
}

export interface BenchCase {
  readonly id: string;
  readonly title: string;
  /** True if it belongs to the quick run. */
  readonly isQuick: boolean;
  run(context: CaseContext): Promise<CaseResult>;
}

export type StoreName = "SQLite" | "Redis";

/** The stores that this machine has. */
export function listStores({
  redis,
}: CaseContext): readonly { readonly store: StoreName; readonly redis?: RedisServer }[] {
  return redis === undefined ? [{ store: "SQLite" }] : [{ store: "SQLite" }, { store: "Redis", redis }];
}
