import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { InventoryEntry } from "../../src/gateway/inventory.ts";
import { buildAor } from "../../src/push/address.ts";
import { ALICE, anAndroid, anIphone, BOB } from "../fixtures/builders.ts";
import { NO_RULES, type OpenStores, type StoreFixture } from "./store-fixture.ts";

/** The contract of every Inventory. */
export function describeInventory(name: string, open: OpenStores): void {
  describe(`Inventory: ${name}`, () => {
    let stores: StoreFixture;

    beforeEach(async () => {
      stores = await open();
    });
    afterEach(() => stores[Symbol.asyncDispose]());

    async function listSubscribers(): Promise<InventoryEntry[]> {
      const entries: InventoryEntry[] = [];
      for await (const entry of stores.inventory.subscribers()) entries.push(entry);
      return entries.toSorted((a, b) => (a.subscriber < b.subscriber ? -1 : 1));
    }

    it("knows nobody in an empty store", async () => {
      expect(await listSubscribers()).toEqual([]);
      expect(await stores.inventory.domains()).toEqual([]);
    });

    it("names each subscriber once, with devices, with preferences, or with both", async () => {
      const carol = buildAor("carol", "example.com");
      await stores.devices.register(anIphone(), NO_RULES);
      await stores.devices.register(anAndroid(), NO_RULES);
      await stores.preferences.patchSubscriber(ALICE, { mobile_push_enable: "never" });
      await stores.preferences.patchSubscriber(BOB, { mobile_push_silent_list: ["room@example.org"] });
      await stores.devices.register(anIphone({ subscriber: carol, tokens: { voip: "c3".repeat(32) } }), NO_RULES);
      await stores.preferences.patchDomain("example.org", { mobile_push_enable: "always" });

      expect(await listSubscribers()).toEqual([
        { subscriber: ALICE, devices: 2, preferences: { mobile_push_enable: "never" } },
        { subscriber: BOB, devices: 0, preferences: { mobile_push_silent_list: ["room@example.org"] } },
        { subscriber: carol, devices: 1, preferences: {} },
      ]);
    });

    it("names the domains that have preferences, each once", async () => {
      await stores.preferences.patchDomain("example.org", { mobile_push_enable: "always", mobile_push_expiry: 20 });
      await stores.preferences.patchDomain("example.com", { mobile_push_enable: "never" });
      await stores.preferences.patchSubscriber(ALICE, { mobile_push_enable: "never" });

      const domains = await stores.inventory.domains();

      expect(domains.toSorted((a, b) => (a.domain < b.domain ? -1 : 1))).toEqual([
        { domain: "example.com", preferences: { mobile_push_enable: "never" } },
        { domain: "example.org", preferences: { mobile_push_enable: "always", mobile_push_expiry: 20 } },
      ]);
    });

    it("forgets who has neither any more", async () => {
      await stores.devices.register(anIphone(), NO_RULES);
      await stores.preferences.patchSubscriber(ALICE, { mobile_push_enable: "never" });
      await stores.devices.unregister(ALICE, "iphone");
      await stores.preferences.patchSubscriber(ALICE, { mobile_push_enable: null });

      expect(await listSubscribers()).toEqual([]);
    });

    it("counts more than fit on a page", async () => {
      const count = 2_300;
      const owners = Array.from({ length: count }, (_, index) => buildAor(`user${index}`, "example.org"));
      await Promise.all(
        owners.map((owner) => stores.preferences.patchSubscriber(owner, { mobile_push_enable: "never" })),
      );

      const found = await listSubscribers();

      expect(found.map(({ subscriber }) => subscriber)).toEqual(owners.toSorted());
    });
  });
}
