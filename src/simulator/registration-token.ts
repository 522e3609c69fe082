/** Real tokens are longer. The pattern only has to reject APNs tokens, placeholders and truncated tokens. */
const REGISTRATION_TOKEN = /^(?![0-9a-fA-F]+$)[A-Za-z0-9_:-]{8,4096}$/;

export function isRegistrationToken(text: string): boolean {
  return REGISTRATION_TOKEN.test(text);
}

/**
 * 17 bytes in base64url whose first four bits are 0111: https://github.com/firebase/firebase-js-sdk, `generate-fid.ts`.
 */
const INSTALLATION_ID = /^[cdef][A-Za-z0-9_-]{21}$/;

export function isInstallationId(text: string): boolean {
  return INSTALLATION_ID.test(text);
}

/** Returns true for data keys that Google reserves. */
export function isReservedDataKey(key: string): boolean {
  return key === "from" || key === "message_type" || key === "collapse_key" || /^(?:google|gcm)(?:\.|$)/.test(key);
}

/** Counts bytes of keys and values, as Google does for a message. */
export function countBytes(entries: Readonly<Record<string, unknown>>): number {
  return Object.entries(entries).reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(String(value)),
    0,
  );
}
