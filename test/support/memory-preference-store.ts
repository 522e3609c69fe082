import type { PreferencesPatch, PreferenceStore } from "../../src/gateway/preference-store.ts";
import type { Preferences } from "../../src/push/preferences.ts";

/** An in-memory PreferenceStore for tests of its users. */
export function createMemoryPreferenceStore(): PreferenceStore {
  const stored = new Map<string, Preferences>();
  const read = async (owner: string): Promise<Preferences> => stored.get(owner) ?? {};
  const patch = async (owner: string, changes: PreferencesPatch): Promise<Preferences> => {
    const merged = Object.entries({ ...stored.get(owner), ...changes });
    const left = merged.filter(([, value]) => value !== null && value !== undefined);
    const preferences = Object.fromEntries(left) as Preferences;
    stored.set(owner, preferences);
    return preferences;
  };
  return { readSubscriber: read, readDomain: read, patchSubscriber: patch, patchDomain: patch };
}
