import type { UnreachedReason } from "../../push/explanations/unreached.ts";

/** The provider has certainly not processed the request, so sending it again cannot create a duplicate. */
export class NotProcessedError extends Error {
  override readonly name = "NotProcessedError";
  readonly reason: UnreachedReason;

  constructor(reason: UnreachedReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** The request was sent and no answer arrived. The provider may have processed it. */
export class AnswerLostError extends Error {
  override readonly name = "AnswerLostError";
}

/** No connection could be opened. */
export class ConnectError extends Error {
  override readonly name = "ConnectError";
  /** Other clients keep it when they wrap an error in their own. */
  readonly code: UnreachedReason;

  constructor(code: UnreachedReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
