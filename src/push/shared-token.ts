import type { Aor } from "./address.ts";

/** A SIP registration that a proxy has relayed. */
export interface SipBinding {
  /** The app's installation, `+sip.instance`. */
  readonly instance: string;
  /** Epoch milliseconds at which it expires. */
  readonly until: number;
}

interface Registered {
  readonly subscriber: Aor;
  readonly registeredAt: number;
  readonly binding?: SipBinding;
}

/** A person who has logged out of an account, which the proxy did not relay, is called for no longer than this. */
const LONGEST_SHARE_MS = 3_600_000;

/**
 * Until when a device keeps a token that another one registers now, epoch milliseconds; undefined if it loses it. One app may be
 * logged in to several accounts: their REGISTERs name the same instance. An app that says so to the API itself names none.
 */
export function sharedUntil(older: Registered, newer: Registered, now: number): number | undefined {
  const [before, after] = [older.binding, newer.binding];
  if (before === undefined || before.instance !== after?.instance || older.subscriber === newer.subscriber)
    return undefined;
  const until = Math.min(before.until, older.registeredAt + LONGEST_SHARE_MS);
  return until > now ? until : undefined;
}
