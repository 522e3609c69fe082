import { domainOf, type Aor } from "../../push/address.ts";
import { inheritPreferences, type Preferences } from "../../push/preferences.ts";
import { askStore } from "../ask-store.ts";
import type { GatewayEvents } from "../gateway-events.ts";
import type { PreferencesPatch, PreferenceStore } from "../preference-store.ts";

export interface SubscriberPreferences {
  /** Preferences set for the subscriber. */
  readonly own: Preferences;
  /** Preferences in force, including the domain's. */
  readonly effective: Preferences;
}

export interface PreferenceService {
  readSubscriber(subscriber: Aor): Promise<SubscriberPreferences>;
  patchSubscriber(subscriber: Aor, patch: PreferencesPatch): Promise<SubscriberPreferences>;
  readDomain(domain: string): Promise<Preferences>;
  patchDomain(domain: string, patch: PreferencesPatch): Promise<Preferences>;
}

export interface PreferenceServiceDeps {
  readonly preferences: PreferenceStore;
  readonly events: GatewayEvents;
}

export function createPreferenceService({ preferences, events }: PreferenceServiceDeps): PreferenceService {
  const withDomain = async (subscriber: Aor, own: Preferences): Promise<SubscriberPreferences> => {
    const domain = await preferences.readDomain(domainOf(subscriber));
    return { own, effective: inheritPreferences(own, domain) };
  };
  return {
    readSubscriber: (subscriber) =>
      askStore(events, "read preferences", async () =>
        withDomain(subscriber, await preferences.readSubscriber(subscriber)),
      ),
    patchSubscriber: (subscriber, patch) =>
      askStore(events, "change preferences", async () => {
        const own = await preferences.patchSubscriber(subscriber, patch);
        events.preferencesChanged(subscriber, Object.keys(patch));
        return withDomain(subscriber, own);
      }),
    readDomain: (domain) => askStore(events, "read preferences", () => preferences.readDomain(domain)),
    patchDomain: (domain, patch) =>
      askStore(events, "change preferences", async () => {
        const changed = await preferences.patchDomain(domain, patch);
        events.preferencesChanged(domain, Object.keys(patch));
        return changed;
      }),
  };
}
