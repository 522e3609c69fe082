import { createUuidV7 } from "../uuid-v7.ts";
import type { Keys } from "./shards.ts";

/**
 * Ids that name the shard of a push: a UUIDv8 (RFC 9562 §5.8) laid out like a UUIDv7, whose last byte is the number of
 * the shard. The version distinguishes them from the UUIDv7s of release 0.1.0.
 */
const FORM = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{10}([0-9a-f]{2})$/;
const VERSION_AT = "01234567-89ab-".length;

export function createPushId(shardNumber: number): string {
  const id = createUuidV7();
  const lastByte = shardNumber.toString(16).padStart(2, "0");
  return `${id.slice(0, VERSION_AT)}8${id.slice(VERSION_AT + 1, -lastByte.length)}${lastByte}`;
}

/**
 * Returns the shards in which a push with this id may be: one; all if the id has another form; none if there is no such
 * shard.
 */
export function listShardsOf({ shards }: Keys, id: string): readonly string[] {
  const [, lastByte] = FORM.exec(id) ?? [];
  if (lastByte === undefined) return shards;
  const shard = shards[Number.parseInt(lastByte, 16)];
  return shard === undefined ? [] : [shard];
}
