/**
 * NGCP's tables with the columns that are read (ngcp-db-schema: `kamailio.mobile_push_registrations`, the others in
 * `provisioning`). In a CSV file made by a join, `username`, `domain` and `attribute` replace the ids.
 */
export const DUMP_TABLES = {
  mobile_push_registrations: [
    "id",
    "reg_id",
    "type",
    "subscriber_id",
    "device_id",
    "apns_type",
    "timestamp",
    "username",
    "domain",
  ],
  voip_subscribers: ["id", "username", "domain_id"],
  voip_domains: ["id", "domain"],
  voip_preferences: ["id", "attribute"],
  voip_usr_preferences: ["id", "subscriber_id", "attribute_id", "value", "username", "domain", "attribute"],
  voip_dom_preferences: ["id", "domain_id", "attribute_id", "value", "domain", "attribute"],
} as const satisfies Record<string, readonly string[]>;

export type DumpTable = keyof typeof DUMP_TABLES;

export const DUMP_TABLE_NAMES = Object.keys(DUMP_TABLES) as DumpTable[];

/** One row with its values in the order of the columns above; null if the dump has no value or no such column. */
export interface DumpRow {
  readonly table: DumpTable;
  readonly values: readonly (string | null)[];
}

export class UnreadableDumpError extends Error {
  override readonly name = "UnreadableDumpError";
  readonly code = "unreadable_dump";
}

export function isDumpTable(name: string): name is DumpTable {
  return Object.hasOwn(DUMP_TABLES, name);
}

/** Returns the index of each of our columns in a dump's; -1 if it is missing. */
export function locateColumns(table: DumpTable, columns: readonly string[]): number[] {
  return DUMP_TABLES[table].map((column) => columns.indexOf(column));
}

/** Returns the table of a file by its header line, or undefined. */
export function recogniseTable(columns: readonly string[]): DumpTable | undefined {
  const has = (...names: string[]) => names.every((name) => columns.includes(name));
  if (has("reg_id", "type")) return "mobile_push_registrations";
  if (has("value") && (has("attribute_id") || has("attribute"))) {
    if (has("subscriber_id") || has("username")) return "voip_usr_preferences";
    return has("domain_id") || has("domain") ? "voip_dom_preferences" : undefined;
  }
  if (has("id", "attribute")) return "voip_preferences";
  if (has("id", "username", "domain_id")) return "voip_subscribers";
  return has("id", "domain") ? "voip_domains" : undefined;
}
