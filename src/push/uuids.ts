import { createHash } from "node:crypto";

/** Namespace of this project, generated once. */
const NAMESPACE = Buffer.from("6f0f7a3e-2a55-4d0c-9c1e-5f0c3b8f7d21".replaceAll("-", ""), "hex");

/** Returns the UUIDv5 (RFC 9562 §5.5) of a name in the project's namespace. */
function buildUuidV5(name: string): string {
  const bytes = createHash("sha1").update(NAMESPACE).update(name, "utf8").digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/**
 * Returns the UUID of a call for CallKit. It is the same for all phones and retransmissions, and an app can compute it
 * from the SIP Call-ID.
 */
export function buildCallUuid(callId: string): string {
  return buildUuidV5(callId);
}

/**
 * Returns the `apns-id` of one push to one device. It is the same for every attempt, so that the phone can drop a
 * repeat.
 */
export function buildNotificationId(pushId: string, deviceId: string): string {
  return buildUuidV5(`${pushId} ${deviceId}`);
}
