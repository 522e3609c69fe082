import { isUndelivered, type Push, type PushRequest, type TerminalState } from "./push.ts";

/** Parts of a push that are kept after its end. */
export interface Kept {
  readonly request: PushRequest;
  /**
   * Epoch milliseconds at which the tokens of its deliveries are erased and `withoutTokens` replaces the request. A
   * time at or before the end means at once.
   */
  readonly tokensUntil: number;
}

/**
 * Longer than any call rings: SIP ends an INVITE within three minutes (timer C). Until then the gateway may need the
 * tokens to tell phones that the call is over.
 */
const CALL_OVER_MS = 5 * 60_000;

/**
 * Returns what is kept of an ended push. Texts are erased at its end, tokens when they can no longer be needed.
 * Undefined if everything is kept, because the push may be replayed.
 */
export function readKept(
  { request, deadline }: Pick<Push, "request" | "deadline">,
  state: TerminalState,
  endedAt: number,
): Kept | undefined {
  if (isUndelivered(state)) return undefined;
  const keptMs = state === "suppressed" ? 0 : tokensKeptMs(request);
  const tokensUntil = keptMs === 0 ? endedAt : Math.max(deadline, endedAt) + keptMs;
  const blank = withoutContent(request);
  return { request: tokensUntil > endedAt ? blank : withoutTokens(blank), tokensUntil };
}

/**
 * Returns what is kept of a request that another push has replaced. It cannot be sent again, and none of its phones was
 * reached.
 */
export function withoutContentAndTokens(request: PushRequest): PushRequest {
  return withoutTokens(withoutContent(request));
}

/**
 * Returns how long after its deadline, or its end if that is later, a push keeps its tokens; 0 if it loses them with
 * its end.
 */
export function tokensKeptMs({ kind }: PushRequest): number {
  return kind === "call" ? CALL_OVER_MS : 0;
}

/** Removes texts and data. Caller, callee and Call-ID stay, because a trace needs them. */
export function withoutContent(request: PushRequest): PushRequest {
  const { structured: _structured, content: _content, raw: _raw, ...rest } = request;
  return { ...rest, data: {}, aps: {} };
}

/** Removes everything that leads to a phone: tokens, payload profile, and the secret of the call's URL. */
export function withoutTokens(request: PushRequest): PushRequest {
  const { callUrl: _callUrl, profile: _profile, direct, ...rest } = request;
  return direct === undefined ? rest : { ...rest, direct: { ...direct, tokens: {} } };
}
