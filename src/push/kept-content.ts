import { isUndelivered, type Push, type PushRequest, type TerminalState } from "./push.ts";

/** What stays of a push that has ended. */
export interface Kept {
  readonly request: PushRequest;
  /** Epoch milliseconds: when the tokens of its deliveries, and `withoutTokens`, are due. At or before the end: at once. */
  readonly tokensUntil: number;
}

/**
 * Longer than any call goes on ringing (SIP ends an INVITE within three minutes, timer C): until then its phones may have to be
 * told of its end, by the tokens that it rang with.
 */
const CALL_OVER_MS = 5 * 60_000;

/**
 * What people wrote goes when a push ends; its tokens go when nobody can need them any more. Undefined if all of it stays,
 * because it may be replayed.
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

/** What stays of a request that another push has taken over: it cannot be sent again, and none of its phones was reached. */
export function withoutContentAndTokens(request: PushRequest): PushRequest {
  return withoutTokens(withoutContent(request));
}

/** How long after its deadline, or its end if that is later, a push that rang keeps its tokens; 0 if it loses them with its end. */
export function tokensKeptMs({ kind }: PushRequest): number {
  return kind === "call" ? CALL_OVER_MS : 0;
}

/** Who called whom, and the Call-ID, stay: a trace tells the call by them. */
export function withoutContent(request: PushRequest): PushRequest {
  const { structured: _structured, content: _content, raw: _raw, ...rest } = request;
  return { ...rest, data: {}, aps: {} };
}

/** Without what leads to a phone: tokens, the form in which its app is addressed, and the secret of the call's URL. */
export function withoutTokens(request: PushRequest): PushRequest {
  const { callUrl: _callUrl, profile: _profile, direct, ...rest } = request;
  return direct === undefined ? rest : { ...rest, direct: { ...direct, tokens: {} } };
}
