import { buildUuidV5 } from "./uuid-v5.ts";

/**
 * The name of a call as CallKit wants it: the same for all phones and for every retransmission, and an app that knows the
 * SIP Call-ID can work it out by itself.
 */
export function buildCallUuid(callId: string): string {
  return buildUuidV5(callId);
}
