import type { Preferences } from "./preferences.ts";
import { urgencyOf, type PushRequest, type RequestedKind } from "./push.ts";

/** How long each kind of push is worth anything where neither request nor preference says. */
export type TtlByKind = Readonly<Record<RequestedKind, number>>;

/** FCM's ceiling, 4 weeks: https://firebase.google.com/docs/cloud-messaging/concept-options#ttl */
const MAX_TTL_MS = 28 * 24 * 3_600_000;

/**
 * For a push that is worth nothing later: the time in which its one attempt begins. Not longer than a lease (`LEASE_MS`), so that the gateway
 * which takes over an interrupted push finds its time over and does not send it again.
 */
export const BEGIN_WITHIN_MS = 4_000;

/** `ttl_seconds: 0`: one attempt per device at once, and the provider keeps nothing for a phone that is out of reach. */
export function isNowOrNever({ ttlMs }: Pick<PushRequest, "ttlMs">): boolean {
  return ttlMs !== undefined && ttlMs <= 0;
}

/** Epoch milliseconds after which the push is worthless. The request decides, then (for calls) the preference, then `ttl`. */
export function readDeadline(request: PushRequest, effective: Preferences, ttl: TtlByKind, now: number): number {
  if (isNowOrNever(request)) return now + BEGIN_WITHIN_MS;
  const expirySeconds = request.kind === "call" ? effective.mobile_push_expiry : undefined;
  const wanted = request.ttlMs ?? (expirySeconds === undefined ? ttl[urgencyOf(request.kind)] : expirySeconds * 1000);
  return now + Math.min(Math.max(wanted, 0), MAX_TTL_MS);
}

export const MAX_ATTEMPT_MS = 10_000;
const MIN_ATTEMPT_MS = 1_000;

/** How long one attempt may take, in whole milliseconds: a third of what is left, so that a silent connection leaves time for another try. */
export function attemptTimeoutMs(deadline: number, now: number): number {
  const left = Math.max(deadline - now, 0);
  return Math.min(left, Math.max(MIN_ATTEMPT_MS, Math.min(MAX_ATTEMPT_MS, Math.floor(left / 3))));
}
