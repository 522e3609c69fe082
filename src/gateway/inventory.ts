import type { Aor } from "../push/address.ts";
import type { Preferences } from "../push/preferences.ts";

export interface InventoryEntry {
  readonly subscriber: Aor;
  readonly devices: number;
  /** The subscriber's own preferences, without the domain's. */
  readonly preferences: Preferences;
}

/** Inventory of all subscribers in the store, for an operator's queries. It reads the whole store. */
export interface Inventory {
  /** Yields each subscriber with a device or a preference once, in no particular order. */
  subscribers(): AsyncIterable<InventoryEntry>;
  /** Returns the domains that have preferences. */
  domains(): Promise<readonly { readonly domain: string; readonly preferences: Preferences }[]>;
}
