import type { Aor } from "../push/address.ts";
import type { Preferences } from "../push/preferences.ts";

export interface CensusEntry {
  readonly subscriber: Aor;
  readonly devices: number;
  /** As they were set, without the domain's. */
  readonly preferences: Preferences;
}

/** Everybody of whom the store knows something. For an operator's questions: it reads the whole store. */
export interface Census {
  /** Who has a device or a preference, in no particular order, each once. */
  subscribers(): AsyncIterable<CensusEntry>;
  /** Domains that have preferences. */
  domains(): Promise<readonly { readonly domain: string; readonly preferences: Preferences }[]>;
}
