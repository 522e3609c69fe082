/** Members by which the gateway identifies and describes a push. It replaces a platform's values under these names. */
export const RESERVED_IDS: ReadonlySet<string> = new Set([
  "push_id",
  "type",
  "callee",
  "domain",
  "caller",
  "call_id",
  "call_uuid",
  "call_url",
  "sent_at",
  "expires_at",
]);

/** Data names that Google reserves. It refuses a push with one of them. */
const GOOGLES_OWN = /^(?:from|message_type|collapse_key|(?:google|gcm)(?:\..*)?)$/i;
const PREFIX = "data_";

export function isGooglesName(name: string): boolean {
  return GOOGLES_OWN.test(name);
}

type Data = Readonly<Record<string, string>>;

export interface RenamedData {
  readonly data: Data;
  /** From old to new name. */
  readonly renamed: ReadonlyMap<string, string>;
}

/** Renames `from` to `data_from` and so on, for the phones of both platforms, so that an app reads the same name. */
export function renameGooglesNames(data: Data): RenamedData {
  const names = Object.keys(data);
  const taken = new Set(names);
  const renamed = new Map<string, string>();
  for (const name of names.filter(isGooglesName)) {
    let free = PREFIX + name;
    while (taken.has(free)) free = PREFIX + free;
    taken.add(free);
    renamed.set(name, free);
  }
  if (renamed.size === 0) return { data, renamed };
  return {
    data: Object.fromEntries(Object.entries(data).map(([name, value]) => [renamed.get(name) ?? name, value])),
    renamed,
  };
}
