import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ALICE, BOB } from "../fixtures/builders.ts";
import type { OpenStores, StoreFixture } from "./store-fixture.ts";

/** The contract of every PreferenceStore. */
export function describePreferenceStore(name: string, open: OpenStores): void {
  describe(`PreferenceStore: ${name}`, () => {
    let stores: StoreFixture;

    beforeEach(async () => {
      stores = await open();
    });
    afterEach(() => stores[Symbol.asyncDispose]());

    it("knows nothing of who set nothing", async () => {
      expect(await stores.preferences.readSubscriber(ALICE)).toEqual({});
      expect(await stores.preferences.readDomain("example.org")).toEqual({});
    });

    it("keeps every preference, and answers what holds", async () => {
      const all = {
        mobile_push_enable: "reg_then_push",
        mobile_push_expiry: 25,
        mobile_push_silent_list: ["bob@example.org", "raum-ü@muc.example.org"],
      } as const;

      const answer = await stores.preferences.patchSubscriber(ALICE, all);

      expect(answer).toEqual(all);
      expect(await stores.preferences.readSubscriber(ALICE)).toEqual(all);
    });

    it("sets what a patch names, unsets what it names null, and leaves the rest", async () => {
      await stores.preferences.patchSubscriber(ALICE, { mobile_push_enable: "never", mobile_push_expiry: 25 });

      const answer = await stores.preferences.patchSubscriber(ALICE, {
        mobile_push_enable: null,
        mobile_push_silent_list: ["bob@example.org"],
      });

      expect(answer).toEqual({ mobile_push_expiry: 25, mobile_push_silent_list: ["bob@example.org"] });
    });

    it("tells an empty list from none, and zero from nothing", async () => {
      await stores.preferences.patchSubscriber(ALICE, { mobile_push_silent_list: [], mobile_push_expiry: 0 });

      expect(await stores.preferences.readSubscriber(ALICE)).toEqual({
        mobile_push_silent_list: [],
        mobile_push_expiry: 0,
      });
    });

    it("keeps subscribers and domains apart, and inherits nothing", async () => {
      await stores.preferences.patchDomain("example.org", { mobile_push_enable: "no_reg" });
      await stores.preferences.patchSubscriber(BOB, { mobile_push_enable: "never" });

      expect(await stores.preferences.readDomain("example.org")).toEqual({ mobile_push_enable: "no_reg" });
      expect(await stores.preferences.readSubscriber(BOB)).toEqual({ mobile_push_enable: "never" });
      expect(await stores.preferences.readSubscriber(ALICE)).toEqual({});
    });

    it("loses none of two patches that come at the same time", async () => {
      await Promise.all([
        stores.preferences.patchDomain("example.org", { mobile_push_expiry: 25 }),
        stores.preferences.patchDomain("example.org", { mobile_push_enable: "never" }),
      ]);

      const both = { mobile_push_enable: "never", mobile_push_expiry: 25 };
      expect(await stores.preferences.readDomain("example.org")).toEqual(both);
    });

    it("forgets a preference that is set back to nothing", async () => {
      await stores.preferences.patchDomain("example.org", { mobile_push_expiry: 25 });

      expect(await stores.preferences.patchDomain("example.org", { mobile_push_expiry: null })).toEqual({});
    });
  });
}
