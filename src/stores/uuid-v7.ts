import { v7 } from "uuid";
import { takeRandomBytes } from "../push/random-bytes.ts";

/** Leaves room for the other UUIDs of the same millisecond. */
const LARGEST_START = 2 ** 30;

let msecs = 0;
let seq = 0;

/** Returns a new UUIDv7 (RFC 9562 §5.7), above all earlier ones of this process, whatever its clock does. */
export function createUuidV7(): string {
  const random = takeRandomBytes(16);
  const now = Date.now();
  if (now > msecs) {
    msecs = now;
    seq = new DataView(random.buffer).getUint32(6) % LARGEST_START;
  } else {
    seq += 1;
  }
  return v7({ random, msecs, seq });
}
