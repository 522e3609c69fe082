/** Members by which the gateway names and describes a push; what a platform says under these names is replaced. */
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

/** Names of data that Google keeps for itself, and refuses a push for. */
const GOOGLES_OWN = /^(?:from|message_type|collapse_key|(?:google|gcm)(?:\..*)?)$/i;
const PREFIX = "data_";

export function isGooglesName(name: string): boolean {
  return GOOGLES_OWN.test(name);
}

type Data = Readonly<Record<string, string>>;

export interface RenamedData {
  readonly data: Data;
  /** From the old name to the new one. */
  readonly renamed: ReadonlyMap<string, string>;
}

/** `from` becomes `data_from`, for the phones of both platforms, so that an app reads one name. */
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
