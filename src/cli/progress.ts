import type { Clock } from "../gateway/clock.ts";
import { printable, type TextOut } from "./output.ts";

export interface Progress {
  /** Shows the text instead of the previous one. */
  update(text: string): void;
  clear(): void;
}

export interface ProgressDeps {
  readonly stderr: TextOut;
  readonly isTty: boolean;
  readonly clock: Clock;
}

/** Shorter work needs no progress. */
const QUIET_MS = 1_000;

/** Returns to the beginning of the line and erases it (ECMA-48 EL). */
const ERASE_LINE = "\r\u001b[K";

/** Shows on one line of a terminal what a command waits for; does nothing elsewhere. */
export function createProgress({ stderr, isTty, clock }: ProgressDeps): Progress {
  const startedAt = clock();
  let shown = "";
  return {
    update(text) {
      if (!isTty || text === shown || clock() - startedAt < QUIET_MS) return;
      shown = text;
      stderr.write(ERASE_LINE + printable(text));
    },
    clear() {
      if (shown !== "") stderr.write(ERASE_LINE);
      shown = "";
    },
  };
}
