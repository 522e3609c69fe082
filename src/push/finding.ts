import { compact } from "./compact.ts";

/** `warning`: works, but needs attention. `skipped`: could not, or need not, be checked. */
export type Verdict = "ok" | "warning" | "failed" | "skipped";

/** Result of checking one thing. */
export interface Finding {
  readonly verdict: Verdict;
  /** The finding in a sentence. */
  readonly what: string;
  /** How to fix it. */
  readonly mend?: string;
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
