import { compact } from "../push/compact.ts";
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

/** `warning`: works, but needs attention. `skipped`: could not, or need not, be checked. */
export const VERDICTS = ["ok", "warning", "failed", "skipped"] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Result of checking one thing. */
export interface Finding {
  readonly verdict: Verdict;
  /** The finding in a sentence. */
  readonly what: string;
  /** How to fix it. */
  readonly mend?: string;
}

/** One item of the checklist. */
export interface Check {
  readonly name: CheckName;
  readonly title: string;
  /** Runs the check until `signal` aborts. A rejection is a fault of the check itself. */
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
  return compact({ verdict: "skipped", what, mend });
}
