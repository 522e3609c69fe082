/** A promise about one figure. */
export interface Target {
  readonly id: string;
  /** The figure in words, with its unit. */
  readonly title: string;
  readonly bound: "at most" | "at least";
  readonly limit: number;
}

export type Verdict = "met" | "missed" | "not measured";

export interface JudgedTarget extends Target {
  readonly value: number | undefined;
  readonly verdict: Verdict;
}

/** A figure that is undefined or no number was not measured. */
export function judge(target: Target, value: number | undefined): JudgedTarget {
  return { ...target, value, verdict: decide(target, value) };
}

function decide({ bound, limit }: Target, value: number | undefined): Verdict {
  if (value === undefined || Number.isNaN(value)) return "not measured";
  const isMet = bound === "at most" ? value <= limit : value >= limit;
  return isMet ? "met" : "missed";
}

/** Only a missed target fails: what this machine cannot measure says nothing. */
export function hasMissed(targets: readonly JudgedTarget[]): boolean {
  return targets.some(({ verdict }) => verdict === "missed");
}
