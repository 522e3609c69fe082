import { createHash, timingSafeEqual } from "node:crypto";

/** Compares with the call's token in constant time. */
export function showsToken(shown: string, token: string): boolean {
  return timingSafeEqual(digest(shown), digest(token));
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
