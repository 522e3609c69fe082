export const CHECK_NAMES = [
  "tls",
  "ports",
  "apple",
  "google",
  "config",
  "dns",
  "time",
  "store",
  "subscribers",
  "push",
] as const;
export type CheckName = (typeof CHECK_NAMES)[number];

/** `warning`: works, but somebody should look. `skipped`: could not be looked at, or need not be. */
export const VERDICTS = ["ok", "warning", "failed", "skipped"] as const;
export type Verdict = (typeof VERDICTS)[number];

/** One thing that was looked at. */
export interface Finding {
  readonly verdict: Verdict;
  /** What was found, in a sentence. */
  readonly what: string;
  /** What to do about it. */
  readonly mend?: string;
}

/** One item of the checklist. */
export interface Check {
  readonly name: CheckName;
  readonly title: string;
  /** A rejection is a fault of the check itself. `signal` ends it. */
  run(signal: AbortSignal): Promise<readonly Finding[]>;
}

export function ok(what: string): Finding {
  return { verdict: "ok", what };
}

export function warning(what: string, mend: string): Finding {
  return { verdict: "warning", what, mend };
}

export function failed(what: string, mend: string): Finding {
  return { verdict: "failed", what, mend };
}

export function skipped(what: string, mend?: string): Finding {
  return { verdict: "skipped", what, ...(mend === undefined ? {} : { mend }) };
}
