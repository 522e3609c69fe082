import type { Aor } from "../push/address.ts";
import type { Preferences } from "../push/preferences.ts";

/** What a PATCH says: a value sets, `null` unsets, absent leaves (RFC 7396). */
export type PreferencesPatch = { readonly [K in keyof Preferences]?: Preferences[K] | null };

/** Preferences as they were set, without inheritance. */
export interface PreferenceStore {
  readSubscriber(subscriber: Aor): Promise<Preferences>;
  readDomain(domain: string): Promise<Preferences>;
  /** Answers what holds afterwards. */
  patchSubscriber(subscriber: Aor, patch: PreferencesPatch): Promise<Preferences>;
  patchDomain(domain: string, patch: PreferencesPatch): Promise<Preferences>;
}
