import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Device } from "../../src/push/device.ts";
import { ALICE, ANDROID_TOKEN, anAndroid, anIphone, BOB, IPHONE_TOKENS } from "../fixtures/builders.ts";
import { describeSharedTokens } from "./device-store-shared.contract.ts";
import { describeTokenInvalidation } from "./device-store-tokens.contract.ts";
import { NO_RULES, type DeviceFixture } from "./store-fixture.ts";

/** The contract of every DeviceStore. */
export function describeDeviceStore(name: string, open: () => Promise<DeviceFixture>): void {
  describe(`DeviceStore: ${name}`, () => {
    let stores: DeviceFixture;

    beforeEach(async () => {
      stores = await open();
    });
    afterEach(() => stores[Symbol.asyncDispose]());

    async function register(...devices: Device[]): Promise<void> {
      for (const device of devices) await stores.devices.register(device, NO_RULES);
    }

    describe("register", () => {
      it("keeps all that it is told of a device", async () => {
        const device = anIphone({
          environment: "sandbox",
          app: "org.example.phone",
          name: "Alice's phone",
          contact: "sip:alice@192.0.2.7:5060;transport=tcp",
        });

        const result = await stores.devices.register(device, NO_RULES);

        expect(result).toEqual({ created: true, displaced: [] });
        expect(await stores.devices.list(ALICE)).toEqual([device]);
      });

      it("lists a subscriber's devices in the order of registration, and nobody else's", async () => {
        const [late, early] = [anIphone({ registeredAt: 3_000 }), anAndroid({ registeredAt: 2_000 })];

        await register(late, early, anAndroid({ subscriber: BOB, tokens: { registration: "bobs" } }));

        expect(await stores.devices.list(ALICE)).toEqual([early, late]);
      });

      it("writes the device whole in place of the one with the same id", async () => {
        await register(anIphone({ name: "Old", app: "org.example.old" }));
        const renewed = anIphone({ tokens: { voip: "c3".repeat(32) }, registeredAt: 5_000 });

        const result = await stores.devices.register(renewed, NO_RULES);

        expect(result).toEqual({ created: false, displaced: [] });
        expect(await stores.devices.list(ALICE)).toEqual([renewed]);
        expect(await stores.devices.prune("apns", IPHONE_TOKENS.remote, 9_000)).toBeUndefined();
      });

      it("moves a token to who registers it last, and drops a device that has none left", async () => {
        await register(anAndroid());

        const result = await stores.devices.register(anAndroid({ subscriber: BOB, id: "bobs" }), NO_RULES);

        expect(result).toEqual({ created: true, displaced: [{ subscriber: ALICE, deviceId: "pixel" }] });
        expect(await stores.devices.list(ALICE)).toEqual([]);
        expect(await stores.devices.list(BOB)).toHaveLength(1);
      });

      it("leaves a device its other tokens when one moves", async () => {
        await register(anIphone());
        const bobs = anIphone({ subscriber: BOB, id: "bobs", tokens: { voip: IPHONE_TOKENS.voip } });

        const result = await stores.devices.register(bobs, NO_RULES);

        expect(result.displaced).toEqual([{ subscriber: ALICE, deviceId: "iphone" }]);
        expect(await stores.devices.list(ALICE)).toMatchObject([{ tokens: { remote: IPHONE_TOKENS.remote } }]);
        expect((await stores.devices.list(ALICE))[0]?.tokens).not.toHaveProperty("voip");
      });

      it("moves a token between two devices of one subscriber, as after a new installation", async () => {
        await register(anAndroid({ id: "before" }));

        const result = await stores.devices.register(anAndroid({ id: "after" }), NO_RULES);

        expect(result).toEqual({ created: true, displaced: [{ subscriber: ALICE, deviceId: "before" }] });
        expect((await stores.devices.list(ALICE)).map(({ id }) => id)).toEqual(["after"]);
      });

      it("takes the same text for different tokens where the providers differ", async () => {
        await register(anAndroid({ provider: "fcm" }), anAndroid({ subscriber: BOB, provider: "gcm" }));

        expect(await stores.devices.list(ALICE)).toHaveLength(1);
        expect(await stores.devices.list(BOB)).toHaveLength(1);
      });

      it("takes a device that uses one token for both kinds", async () => {
        const device = anIphone({ tokens: { voip: "same", remote: "same" } });

        await register(device, device);

        expect(await stores.devices.list(ALICE)).toEqual([device]);
      });

      it("gives a device id to several subscribers, unless ids are unique", async () => {
        const [alices, bobs] = [anAndroid(), anAndroid({ subscriber: BOB, tokens: { registration: "bobs" } })];
        await register(alices, bobs);
        const both = [await stores.devices.list(ALICE), await stores.devices.list(BOB)];

        const result = await stores.devices.register(bobs, { ...NO_RULES, uniqueDeviceIds: true });

        expect(both).toEqual([[alices], [bobs]]);
        expect(result).toEqual({ created: false, displaced: [{ subscriber: ALICE, deviceId: "pixel" }] });
        expect(await stores.devices.list(ALICE)).toEqual([]);
        expect(await stores.devices.prune("fcm", ANDROID_TOKEN, 9_000)).toBeUndefined();
      });

      it("removes the subscriber's other devices where one is allowed", async () => {
        const bobs = anAndroid({ subscriber: BOB, tokens: { registration: "bobs" } });
        await register(anIphone(), bobs);

        const result = await stores.devices.register(anAndroid(), { ...NO_RULES, oneDevicePerSubscriber: true });

        expect(result).toEqual({ created: true, displaced: [{ subscriber: ALICE, deviceId: "iphone" }] });
        expect(await stores.devices.list(ALICE)).toEqual([anAndroid()]);
        expect(await stores.devices.list(BOB)).toEqual([bobs]);
      });
    });

    describe("unregister", () => {
      it("removes the device and its tokens, once", async () => {
        await register(anIphone());

        expect(await stores.devices.unregister(ALICE, "iphone")).toBe(true);
        expect(await stores.devices.unregister(ALICE, "iphone")).toBe(false);
        expect(await stores.devices.list(ALICE)).toEqual([]);
        expect(await stores.devices.register(anIphone({ subscriber: BOB }), NO_RULES)).toMatchObject({ displaced: [] });
      });

      it("leaves the device of the same id of another subscriber alone", async () => {
        await register(anAndroid({ subscriber: BOB }));

        expect(await stores.devices.unregister(ALICE, "pixel")).toBe(false);
        expect(await stores.devices.list(BOB)).toHaveLength(1);
      });
    });
  });

  describeTokenInvalidation(name, open);
  describeSharedTokens(name, open);
}
