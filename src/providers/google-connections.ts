import type { ChannelOptions } from "./channel/channel.ts";

const MINUTE_MS = 60_000;

/**
 * What Google's front end bears: 100 streams (it ends a connection with more), 4 minutes without a request, an hour in all, and
 * fewer than three PINGs between requests, so that we send none: https://github.com/bloomberg/pushiko (docs/comparisons.md) and
 * https://github.com/firebase/firebase-admin-node/issues/2943
 */
export const GOOGLE_CONNECTIONS = {
  maxStreams: 100,
  // Well before four minutes: an idle connection may die unnoticed, and no PING may ask.
  lifetime: { idleMs: 2 * MINUTE_MS, surplusIdleMs: MINUTE_MS, ageMs: 55 * MINUTE_MS },
} as const satisfies Partial<ChannelOptions>;
