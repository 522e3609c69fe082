import { buildUuidV5 } from "./uuid-v5.ts";

/** Apple's id of one push to one device (`apns-id`): the same for every attempt, so that the phone can drop a repeat. */
export function buildNotificationId(pushId: string, deviceId: string): string {
  return buildUuidV5(`${pushId} ${deviceId}`);
}
