import { RedisStoreError } from "./redis-error.ts";
import type { RedisSession } from "./session.ts";
import type { Keys } from "./shards.ts";

/**
 * Version of the layout of keys and fields that this gateway writes. In 2, keys begin with the prefix and one colon,
 * and a push's id names its shard. Raise it with every change of the layout.
 */
const FORMAT = 2;
/** Oldest format whose gateways can still work on what this one writes. Raise it if they would do harm. */
const OLDEST_READER = 2;

/** JSON in the format key. Format 1 has only the first two fields. */
export interface FormatRecord {
  readonly format: number;
  readonly shards: number;
  /** Release that first wrote this format. */
  readonly written_by?: string;
  /** Gateways that only know older formats must not use this store. */
  readonly oldest_reader?: number;
}

/** Returns the record that a gateway of this release writes. */
export function buildFormat(shards: number, version: string): FormatRecord {
  return { format: FORMAT, shards, written_by: version, oldest_reader: OLDEST_READER };
}

/** Returns undefined if there is no such key. */
export async function readFormat(session: RedisSession, key: string): Promise<FormatRecord | undefined> {
  const text = await session.ask((client) => client.get(key));
  if (text === null) return undefined;
  const record = parse(text);
  if (record !== undefined) return record;
  throw unusable(session, key, `it holds ${text}, which is not a layout of sip-pushd. Choose another key prefix.`);
}

function parse(text: string): FormatRecord | undefined {
  try {
    const record = JSON.parse(text) as Partial<FormatRecord> | null;
    const isRecord = typeof record?.format === "number" && typeof record.shards === "number";
    return isRecord ? (record as FormatRecord) : undefined;
  } catch {
    return undefined;
  }
}

/** Returns true if the keys have this gateway's layout, perhaps with harmless additions of a later release. */
export function isCurrent({ format }: FormatRecord): boolean {
  return format >= FORMAT;
}

/** Throws a RedisStoreError if this gateway must not use a store with that layout. */
export function requireReadable(session: RedisSession, keys: Keys, record: FormatRecord): void {
  const { format, shards, oldest_reader: oldestReader = format, written_by: writtenBy = "0.1.0" } = record;
  if (shards !== keys.shards.length) {
    const text = `its keys are cut into ${shards} shards, this gateway is set to ${keys.shards.length}.`;
    throw unusable(session, keys.format, `${text} Set store.redis.shards to ${shards}, or name another key prefix.`);
  }
  if (isCurrent(record) && oldestReader > FORMAT) {
    const text = `release ${writtenBy} wrote it in format ${format}, which needs a gateway that knows format ${oldestReader}; this one knows ${FORMAT}.`;
    throw unusable(session, keys.format, `${text} Start that release or a later one.`);
  }
}

function unusable({ where }: RedisSession, key: string, text: string): RedisStoreError {
  return new RedisStoreError("unusable", `${where}, key ${key}: ${text}`);
}

/**
 * Writes the format if there is none, otherwise checks it: with another number of shards, or another layout, gateways
 * would not find each other's pushes. Returns whether there was one.
 */
export async function requireFormat(session: RedisSession, keys: Keys, version: string): Promise<"known" | "new"> {
  const ours = buildFormat(keys.shards.length, version);
  const found = await session.ask((client) => client.set(keys.format, JSON.stringify(ours), "NX", "GET"));
  if (found === null) {
    await refuseFormat1(session, keys, ours);
    return "new";
  }
  requireReadable(session, keys, (await readFormat(session, keys.format)) ?? ours);
  return "known";
}

/**
 * Keeps gateways of release 0.1.0 out: they start only if their format key is absent or as expected, and refuse this
 * record with its text.
 */
export async function refuseFormat1(session: RedisSession, keys: Keys, ours: FormatRecord): Promise<void> {
  await session.ask((client) => client.set(`${keys.format1Prefix}format`, JSON.stringify(ours)));
}
