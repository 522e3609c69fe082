import type { UnreachedReason } from "../../push/explanations/unreached.ts";

/** The provider has certainly not worked on the request: sending it again cannot make a duplicate. */
export class NotProcessedError extends Error {
  override readonly name = "NotProcessedError";
  readonly reason: UnreachedReason;

  constructor(reason: UnreachedReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** The request went out and no answer came back: the provider may have worked on it or not. */
export class AnswerLostError extends Error {
  override readonly name = "AnswerLostError";
}

/** There is no connection to be had. */
export class ConnectError extends Error {
  override readonly name = "ConnectError";
  /** Clients of other makers keep it, where they wrap an error in their own. */
  readonly code: UnreachedReason;

  constructor(code: UnreachedReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
