/** An error for the person at the terminal: the problem, and what to do about it, one sentence each. */
export class OperatorError extends Error {
  override readonly name: string = "OperatorError";
  /** Stable code for programs. */
  readonly code: string;
  /** The next step for the operator; undefined if the message says it. */
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
