import { buildUuidV5 } from "./uuid-v5.ts";

/**
 * Returns the `apns-id` of one push to one device. It is the same for every attempt, so that the phone can drop a
 * repeat.
 */
export function buildNotificationId(pushId: string, deviceId: string): string {
  return buildUuidV5(`${pushId} ${deviceId}`);
}
