import { INTERRUPTION_LEVELS, type ApsWishes } from "../../push/content.ts";
import { fieldsBehind, invalidField, readFlag, type Field } from "./field.ts";

/** By Apple's names in `aps`. `_` replaces `-` for platforms that cannot write it. */
type Wishes = ReadonlyMap<string, Field>;

/**
 * Reads the `apns_*` fields with the types of Apple's `aps` dictionary. Empty fields are dropped; unknown ones are
 * passed on as text.
 */
export function readApsWishes(fields: readonly Field[]): ApsWishes {
  const wishes = collectWishes(fields);
  const textOf = (name: string) => wishes.get(name)?.value || undefined;
  return dropUnsaid({
    alert: textOf("alert"),
    title: textOf("title"),
    subtitle: textOf("subtitle"),
    sound: textOf("sound"),
    badge: readBadge(wishes.get("badge")),
    category: textOf("category"),
    threadId: textOf("thread-id"),
    mutableContent: readFlag(wishes.get("mutable-content")) === true ? true : undefined,
    interruptionLevel: readLevel(wishes.get("interruption-level")),
    contentAvailable: readFlag(wishes.get("content-available")) === true ? true : undefined,
    others: readOthers(wishes),
  });
}

const KNOWN = new Set([
  "alert",
  "title",
  "subtitle",
  "sound",
  "badge",
  "category",
  "thread-id",
  "mutable-content",
  "interruption-level",
  "content-available",
]);

/** Headers of APNs, which the gateway sets itself. Only one of them may be requested. */
const HEADERS = new Set([
  "topic",
  "id",
  "priority",
  "expiration",
  "push-type",
  "push_type",
  "collapse-id",
  "collapse_id",
]);

const COLLAPSE_IDS = new Set(["collapse-id", "collapse_id"]);

/** A later message with the same id replaces this one. */
export function readCollapseId(fields: readonly Field[]): string | undefined {
  const wishes = fieldsBehind("apns_", fields);
  const id = (wishes.get("collapse-id") ?? wishes.get("collapse_id"))?.value || undefined;
  if (id === undefined || Buffer.byteLength(id) <= 64) return id;
  throw invalidField("apns_collapse-id", "has more than 64 bytes");
}

/**
 * Returns the requested APNs headers that have no effect: the gateway sets them itself, and a call has no collapse id.
 */
export function listIgnoredWishes(fields: readonly Field[], { isCall }: { readonly isCall: boolean }): string[] {
  const ignored = [...fieldsBehind("apns_", fields)].filter(
    ([name, { value }]) => HEADERS.has(name) && value !== "" && (isCall || !COLLAPSE_IDS.has(name)),
  );
  return ignored.map(([name]) => `apns_${name}`);
}

/** Collects the fields under the sent name, and also with `-` for `_` unless that name was sent as well. */
function collectWishes(fields: readonly Field[]): Wishes {
  const sent = fieldsBehind("apns_", fields);
  const wishes = new Map<string, Field>();
  for (const [name, field] of sent) {
    const hyphened = name.replaceAll("_", "-");
    const known = KNOWN.has(hyphened) ? hyphened : name;
    if (known === name || !sent.has(known)) wishes.set(known, field);
  }
  return wishes;
}

function readLevel(field: Field | undefined): ApsWishes["interruptionLevel"] {
  if (field === undefined || field.value === "") return undefined;
  const level = INTERRUPTION_LEVELS.find((known) => known === field.value);
  if (level !== undefined) return level;
  throw invalidField(field.name, `is not one of ${INTERRUPTION_LEVELS.join(", ")}`);
}

/** Members of `aps` that are numbers. */
const NUMBERS = new Set(["relevance-score", "timestamp", "stale-date", "dismissal-date"]);

function readOthers(wishes: Wishes): ApsWishes["others"] {
  const others = [...wishes].flatMap(([name, { value }]) => {
    if (KNOWN.has(name) || HEADERS.has(name) || value === "" || name === "__proto__") return [];
    const isNumber = NUMBERS.has(name) && Number.isFinite(Number(value));
    return [[name, isNumber ? Number(value) : value] as const];
  });
  return others.length === 0 ? undefined : Object.fromEntries(others);
}

function readBadge(field: Field | undefined): number | undefined {
  if (field === undefined || field.value === "") return undefined;
  if (/^\d{1,9}$/.test(field.value)) return Number(field.value);
  throw invalidField(field.name, "is not a whole number from 0 to 999999999");
}

function dropUnsaid(wishes: { readonly [Name in keyof ApsWishes]: ApsWishes[Name] | undefined }): ApsWishes {
  return Object.fromEntries(Object.entries(wishes).filter(([, value]) => value !== undefined));
}
