import { describe, expect, it } from "vitest";
import { ALICE, BOB } from "../../../test/fixtures/builders.ts";
import { createRecordingEvents } from "../../../test/fixtures/gateway-doubles.ts";
import { createMemoryPreferenceStore } from "../../../test/fixtures/memory-stores.ts";
import type { PreferenceStore } from "../preference-store.ts";
import { createPreferenceService } from "./preferences.ts";

function arrange(preferences: PreferenceStore = createMemoryPreferenceStore()) {
  const events = createRecordingEvents();
  return { events, desk: createPreferenceService({ preferences, events }) };
}

describe("a subscriber's preferences", () => {
  it("are shown as they were set, and as they hold", async () => {
    const { desk } = arrange();
    await desk.patchDomain("example.org", { mobile_push_enable: "never", mobile_push_expiry: 30 });
    await desk.patchSubscriber(ALICE, { mobile_push_enable: "always" });

    expect(await desk.readSubscriber(ALICE)).toEqual({
      own: { mobile_push_enable: "always" },
      effective: { mobile_push_enable: "always", mobile_push_expiry: 30 },
    });
    expect(await desk.readSubscriber(BOB)).toEqual({
      own: {},
      effective: { mobile_push_enable: "never", mobile_push_expiry: 30 },
    });
  });

  it("inherit again what is unset", async () => {
    const { desk } = arrange();
    await desk.patchDomain("example.org", { mobile_push_enable: "never" });
    await desk.patchSubscriber(ALICE, { mobile_push_enable: "always", mobile_push_expiry: 20 });

    expect(await desk.patchSubscriber(ALICE, { mobile_push_enable: null })).toEqual({
      own: { mobile_push_expiry: 20 },
      effective: { mobile_push_enable: "never", mobile_push_expiry: 20 },
    });
  });

  it("are not those of another domain", async () => {
    const { desk } = arrange();
    await desk.patchDomain("example.net", { mobile_push_enable: "never" });

    expect(await desk.readSubscriber(ALICE)).toEqual({ own: {}, effective: {} });
  });
});

describe("a change of preferences", () => {
  it("is answered with what holds afterwards", async () => {
    const { desk } = arrange();
    await desk.patchDomain("example.org", { mobile_push_expiry: 30 });

    expect(await desk.patchDomain("example.org", { mobile_push_enable: "no_reg" })).toEqual({
      mobile_push_enable: "no_reg",
      mobile_push_expiry: 30,
    });
    expect(await desk.readDomain("example.org")).toEqual({ mobile_push_enable: "no_reg", mobile_push_expiry: 30 });
  });

  it("is reported with whose and which, but not with what", async () => {
    const { desk, events } = arrange();

    await desk.patchSubscriber(ALICE, { mobile_push_silent_list: ["bob@example.org"], mobile_push_expiry: null });
    await desk.patchDomain("example.org", { mobile_push_enable: "never" });

    expect(events.log.preferencesChanged).toEqual([
      [ALICE, ["mobile_push_silent_list", "mobile_push_expiry"]],
      ["example.org", ["mobile_push_enable"]],
    ]);
  });
});

describe("a store that does not answer", () => {
  it("becomes an answer that says to try again, and no change is reported", async () => {
    const outOfReach = () => Promise.reject(new Error("the store is out of reach"));
    const { desk, events } = arrange({
      readSubscriber: outOfReach,
      readDomain: outOfReach,
      patchSubscriber: outOfReach,
      patchDomain: outOfReach,
    });

    for (const asked of [
      () => desk.readSubscriber(ALICE),
      () => desk.readDomain("example.org"),
      () => desk.patchSubscriber(ALICE, {}),
      () => desk.patchDomain("example.org", {}),
    ]) {
      await expect(asked()).rejects.toMatchObject({ code: "store_unavailable", details: { retryAfterSeconds: 1 } });
    }

    expect(events.names).toEqual(["storeFailed", "storeFailed", "storeFailed", "storeFailed"]);
  });
});
