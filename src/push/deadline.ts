import type { Preferences } from "./preferences.ts";
import { urgencyOf, type PushRequest, type RequestedKind } from "./push.ts";

/** Lifetime of each kind of push if neither the request nor a preference sets it. */
export type TtlByKind = Readonly<Record<RequestedKind, number>>;

/** FCM's ceiling, 4 weeks: https://firebase.google.com/docs/cloud-messaging/concept-options#ttl */
const MAX_TTL_MS = 28 * 24 * 3_600_000;

/**
 * For a push that is worthless later: the time in which its single attempt must begin. It is not longer than a lease
 * (`LEASE_MS`), so a gateway that takes over an interrupted push finds its time over and does not send it again.
 */
export const BEGIN_WITHIN_MS = 4_000;

/**
 * True for `ttl_seconds: 0`: one attempt per device at once, and the provider stores nothing for an unreachable phone.
 */
export function isNowOrNever({ ttlMs }: Pick<PushRequest, "ttlMs">): boolean {
  return ttlMs !== undefined && ttlMs <= 0;
}

/**
 * Returns the deadline in epoch milliseconds. It comes from the request, then (for calls) the preference, then `ttl`.
 */
export function readDeadline(request: PushRequest, effective: Preferences, ttl: TtlByKind, now: number): number {
  if (isNowOrNever(request)) return now + BEGIN_WITHIN_MS;
  const expirySeconds = request.kind === "call" ? effective.mobile_push_expiry : undefined;
  const wanted = request.ttlMs ?? (expirySeconds === undefined ? ttl[urgencyOf(request.kind)] : expirySeconds * 1000);
  return now + Math.min(Math.max(wanted, 0), MAX_TTL_MS);
}

/** Time for a request to leave a busy process and reach the provider. */
const TRANSIT_MS = 100;

/** Returns true if a request that is sent now might reach the provider after the deadline. */
export function isTooLate(deadline: number, now: number): boolean {
  return now + TRANSIT_MS > deadline;
}

export const MAX_ATTEMPT_MS = 10_000;
const MIN_ATTEMPT_MS = 1_000;

/**
 * Returns the time limit of one attempt in whole milliseconds: a third of the remaining time, so that a silent
 * connection leaves time for another attempt.
 */
export function attemptTimeoutMs(deadline: number, now: number): number {
  const left = Math.max(deadline - now, 0);
  return Math.min(left, Math.max(MIN_ATTEMPT_MS, Math.min(MAX_ATTEMPT_MS, Math.floor(left / 3))));
}
