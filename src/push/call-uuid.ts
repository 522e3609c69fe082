import { buildUuidV5 } from "./uuid-v5.ts";

/**
 * Returns the UUID of a call for CallKit. It is the same for all phones and retransmissions, and an app can compute it
 * from the SIP Call-ID.
 */
export function buildCallUuid(callId: string): string {
  return buildUuidV5(callId);
}
