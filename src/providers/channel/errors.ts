/** The provider has certainly not worked on the request: sending it again cannot make a duplicate. */
export class NotProcessedError extends Error {
  override readonly name = "NotProcessedError";
}

/** The request went out and no answer came back: the provider may have worked on it or not. */
export class AnswerLostError extends Error {
  override readonly name = "AnswerLostError";
}
