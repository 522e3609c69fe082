import { randomFillSync } from "node:crypto";

const pool = new Uint8Array(4_096);
let used = pool.length;

/**
 * Returns up to 4096 bytes from a cryptographic generator, which no later call returns again. The generator is asked
 * for many at a time, because each time costs about as much as a database statement.
 */
export function takeRandomBytes(count: number): Uint8Array {
  if (count > pool.length) throw new RangeError(`At most ${pool.length} random bytes at a time, not ${count}.`);
  if (used + count > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += count;
  // A copy, because the pool is filled again.
  return pool.slice(used - count, used);
}
