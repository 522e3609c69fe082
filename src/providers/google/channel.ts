import type { Clock } from "../../gateway/clock.ts";
import { Channel } from "../channel/channel.ts";
import type { Proxy } from "../channel/proxy-tunnel.ts";

/** The way to Google. */
export interface GoogleRoute {
  /** In place of the system's roots, PEM. */
  readonly ca?: string;
  readonly proxy?: Proxy;
}

const MINUTE_MS = 60_000;
/** It ends a connection with more: https://github.com/firebase/firebase-admin-node/issues/2943 */
const MAX_STREAMS = 100;
/**
 * Google's front end ends a connection after 4 minutes without a request and after an hour in all:
 * https://github.com/bloomberg/pushiko (docs/comparisons.md). Well before the former: an idle connection may die unnoticed.
 */
const LIFETIME = { idleMs: 2 * MINUTE_MS, surplusIdleMs: MINUTE_MS, ageMs: 55 * MINUTE_MS };

/** It ends a connection at the third PING without a request between (too_many_pings; same source). */
const MAX_PINGS = 2;

/** Requests are not sent after their deadline by `clock`. */
export function openGoogleChannel(origin: string, { ca, proxy }: GoogleRoute, clock: Clock): Channel {
  const tls = ca === undefined ? {} : { ca };
  const limits = { maxStreams: MAX_STREAMS, maxPings: MAX_PINGS, lifetime: LIFETIME };
  return new Channel({ origin, clock, tls, ...limits, ...(proxy === undefined ? {} : { proxy }) });
}
