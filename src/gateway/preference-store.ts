import type { Aor } from "../push/address.ts";
import type { Preferences } from "../push/preferences.ts";

/** A PATCH: a value sets a preference, `null` removes it, undefined leaves it (RFC 7396). */
export type PreferencesPatch = { readonly [K in keyof Preferences]?: Preferences[K] | null };

/** Preferences as they were set, without inheritance. */
export interface PreferenceStore {
  readSubscriber(subscriber: Aor): Promise<Preferences>;
  readDomain(domain: string): Promise<Preferences>;
  /** Returns the preferences after the patch. */
  patchSubscriber(subscriber: Aor, patch: PreferencesPatch): Promise<Preferences>;
  patchDomain(domain: string, patch: PreferencesPatch): Promise<Preferences>;
}
