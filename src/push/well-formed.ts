/**
 * Replaces lone surrogates by U+FFFD throughout a value, such as in a name that was cut in the middle of an emoji.
 * Visits lists and plain objects, including their keys. Returns the same value if nothing needs to change.
 */
export function toWellFormed<T>(value: T): T {
  return repair(value) as T;
}

function repair(value: unknown): unknown {
  if (typeof value === "string") return value.isWellFormed() ? value : value.toWellFormed();
  if (Array.isArray(value)) return repairList(value);
  return isPlainObject(value) ? repairObject(value) : value;
}

function repairList(list: readonly unknown[]): readonly unknown[] {
  const repaired = list.map((entry) => repair(entry));
  return repaired.some((entry, index) => entry !== list[index]) ? repaired : list;
}

function repairObject(object: object): object {
  const entries = Object.entries(object);
  const repaired = entries.map(([name, entry]): [string, unknown] => [name.toWellFormed(), repair(entry)]);
  const isChanged = repaired.some(
    ([name, entry], index) => name !== entries[index]?.[0] || entry !== entries[index][1],
  );
  return isChanged ? Object.fromEntries(repaired) : object;
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
