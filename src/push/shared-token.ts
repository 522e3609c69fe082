import type { Aor } from "./address.ts";

/** A SIP registration relayed by a proxy. */
export interface SipBinding {
  /** Installation of the app, from `+sip.instance`. */
  readonly instance: string;
  /** Epoch milliseconds at which it expires. */
  readonly until: number;
}

interface Registered {
  readonly subscriber: Aor;
  readonly registeredAt: number;
  readonly binding?: SipBinding;
}

/** Upper limit for calling a user who has logged out of an account if the proxy did not relay the logout. */
const LONGEST_SHARE_MS = 3_600_000;

/**
 * Returns until when a device keeps a token that another one registers now, in epoch milliseconds, or undefined if it
 * loses the token. One app may be logged in to several accounts; their REGISTERs name the same instance. Registrations
 * through the API name none.
 */
export function sharedUntil(older: Registered, newer: Registered, now: number): number | undefined {
  const [before, after] = [older.binding, newer.binding];
  if (before === undefined || before.instance !== after?.instance || older.subscriber === newer.subscriber)
    return undefined;
  const until = Math.min(before.until, older.registeredAt + LONGEST_SHARE_MS);
  return until > now ? until : undefined;
}
