/** What went wrong, and what to do about it: each one sentence for the person at the terminal. */
export class OperatorError extends Error {
  override readonly name: string = "OperatorError";
  /** Stable, for programs. */
  readonly code: string;
  /** What to do next; undefined if the message says it. */
  readonly mend: string | undefined;

  constructor(
    code: string,
    message: string,
    { mend, cause }: { readonly mend?: string; readonly cause?: unknown } = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.mend = mend;
  }
}
