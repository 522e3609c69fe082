import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Device } from "../../src/push/device.ts";
import { ALICE, ANDROID_TOKEN, anAndroid, anIphone, BOB, IPHONE_TOKENS } from "../fixtures/builders.ts";
import { NO_RULES, type DeviceFixture } from "./store-fixture.ts";

const ROUNDS = 25;

/** The contract of every DeviceStore for a provider's answers about tokens. */
export function describeTokenInvalidation(name: string, open: () => Promise<DeviceFixture>): void {
  describe(`DeviceStore: ${name}: what a provider says about a token`, () => {
    let stores: DeviceFixture;

    beforeEach(async () => {
      stores = await open();
    });
    afterEach(() => stores[Symbol.asyncDispose]());

    async function register(...devices: Device[]): Promise<void> {
      for (const device of devices) await stores.devices.register(device, NO_RULES);
    }

    describe("findOwner", () => {
      it("answers the device that has the token, whole, and follows the token to another one", async () => {
        const device = anIphone({ name: "Alice's phone" });
        await register(device, anAndroid());

        const before = await stores.devices.findOwner("apns", IPHONE_TOKENS.voip);
        await register(anIphone({ subscriber: BOB, tokens: { voip: IPHONE_TOKENS.voip } }));

        expect(before).toEqual(device);
        expect(await stores.devices.findOwner("apns", IPHONE_TOKENS.voip)).toMatchObject({ subscriber: BOB });
        expect(await stores.devices.findOwner("apns", IPHONE_TOKENS.remote)).toMatchObject({ subscriber: ALICE });
        expect(await stores.devices.findOwner("apns", ANDROID_TOKEN)).toBeUndefined();
        expect(await stores.devices.findOwner("fcm", ANDROID_TOKEN)).toEqual(anAndroid());
      });
    });

    describe("prune", () => {
      it("forgets a dead token, and the device with its last one", async () => {
        const device = anIphone();
        await register(device);

        const first = await stores.devices.prune("apns", IPHONE_TOKENS.voip, 2_000);
        const left = await stores.devices.list(ALICE);
        await stores.devices.prune("apns", IPHONE_TOKENS.remote, 2_000);

        expect(first).toEqual(device);
        expect(left).toEqual([{ ...device, tokens: { remote: IPHONE_TOKENS.remote } }]);
        expect(await stores.devices.list(ALICE)).toEqual([]);
      });

      it("keeps a token that was registered at or after its death was noticed", async () => {
        await register(anAndroid({ registeredAt: 1_000 }));

        expect(await stores.devices.prune("fcm", ANDROID_TOKEN, 999)).toBeUndefined();
        expect(await stores.devices.prune("fcm", ANDROID_TOKEN, 1_000)).toBeUndefined();
        expect(await stores.devices.list(ALICE)).toHaveLength(1);
        expect(await stores.devices.prune("fcm", ANDROID_TOKEN, 1_001)).toBeDefined();
      });

      it("does nothing about a token that nobody has, or that another provider gave", async () => {
        await register(anAndroid());

        expect(await stores.devices.prune("fcm", "unknown", 9_000)).toBeUndefined();
        expect(await stores.devices.prune("gcm", ANDROID_TOKEN, 9_000)).toBeUndefined();
        expect(await stores.devices.list(ALICE)).toHaveLength(1);
      });
    });

    describe("replaceToken", () => {
      it("puts the new token in the place of the old one", async () => {
        await register(anAndroid());

        const device = await stores.devices.replaceToken("fcm", ANDROID_TOKEN, "new");

        expect(device).toEqual(anAndroid({ tokens: { registration: "new" } }));
        expect(await stores.devices.list(ALICE)).toEqual([device]);
        expect(await stores.devices.replaceToken("fcm", ANDROID_TOKEN, "newer")).toBeUndefined();
      });

      it("does not let an old death kill the new token", async () => {
        await register(anAndroid());
        const before = stores.clock();
        await stores.devices.replaceToken("fcm", ANDROID_TOKEN, "new");

        expect(await stores.devices.prune("fcm", "new", before)).toBeUndefined();
        expect(await stores.devices.list(ALICE)).toHaveLength(1);
      });

      it("leaves a token that somebody registered by himself to him, and drops the old one", async () => {
        const bobs = anAndroid({ subscriber: BOB, tokens: { registration: "new" } });
        await register(anAndroid(), bobs);

        const owner = await stores.devices.replaceToken("fcm", ANDROID_TOKEN, "new");

        expect(owner).toEqual(bobs);
        expect(await stores.devices.list(ALICE)).toEqual([]);
        expect(await stores.devices.list(BOB)).toEqual([bobs]);
      });
    });

    describe("learnEnvironment", () => {
      it("corrects the device that has the token, says since when, and leaves all else", async () => {
        const device = anIphone({ app: "org.example.phone", name: "Alice's phone" });
        await register(device);

        const corrected = await stores.devices.learnEnvironment("apns", IPHONE_TOKENS.voip, "sandbox");

        expect(corrected).toEqual({ ...device, environment: "sandbox", environmentLearnedAt: stores.clock() });
        expect(await stores.devices.list(ALICE)).toEqual([corrected]);
      });

      it("does nothing where the device says so already, or nobody has the token any more", async () => {
        await register(anIphone());
        const renewed = anIphone({ tokens: { voip: "c3".repeat(32) }, registeredAt: 5_000 });
        await register(renewed);

        expect(await stores.devices.learnEnvironment("apns", renewed.tokens.voip ?? "", "production")).toBeUndefined();
        expect(await stores.devices.learnEnvironment("apns", IPHONE_TOKENS.voip, "sandbox")).toBeUndefined();
        expect(await stores.devices.learnEnvironment("gcm", renewed.tokens.voip ?? "", "sandbox")).toBeUndefined();
        expect(await stores.devices.list(ALICE)).toEqual([renewed]);
      });

      it("holds against the app's word for as long as the device keeps one of its tokens", async () => {
        await register(anIphone());
        const learned = await stores.devices.learnEnvironment("apns", IPHONE_TOKENS.voip, "sandbox");
        const { environmentLearnedAt } = learned ?? {};

        const again = anIphone({ tokens: { voip: IPHONE_TOKENS.voip }, registeredAt: 5_000 });
        const result = await stores.devices.register(again, NO_RULES);

        expect(result.learned).toEqual({ environment: "sandbox", environmentLearnedAt });
        expect(await stores.devices.list(ALICE)).toEqual([{ ...again, environment: "sandbox", environmentLearnedAt }]);
      });

      it("is forgotten with the token that it was learned of", async () => {
        await register(anIphone());
        await stores.devices.learnEnvironment("apns", IPHONE_TOKENS.voip, "sandbox");

        const renewed = anIphone({ tokens: { voip: "c3".repeat(32) }, registeredAt: 5_000 });
        const result = await stores.devices.register(renewed, NO_RULES);

        expect(result).not.toHaveProperty("learned");
        expect(await stores.devices.list(ALICE)).toEqual([renewed]);
      });

      it("never speaks of another token, whatever the phone registers at the same time", async () => {
        for (let round = 0; round < ROUNDS; round += 1) {
          const [before, after] = [`${round}a`.padStart(8, "0"), `${round}b`.padStart(8, "0")];
          await register(anIphone({ tokens: { voip: before } }));

          await Promise.all([
            stores.devices.learnEnvironment("apns", before, "sandbox"),
            register(anIphone({ tokens: { voip: after }, registeredAt: 5_000 })),
          ]);

          const [device] = await stores.devices.list(ALICE);
          expect(device).toEqual(anIphone({ tokens: { voip: after }, registeredAt: 5_000 }));
        }
      });
    });

    describe("between a push and the provider's answer", () => {
      it.each([
        ["the same subscriber", anAndroid({ registeredAt: 3_000 })],
        ["another subscriber", anAndroid({ registeredAt: 3_000, subscriber: BOB })],
        ["another device of the same subscriber", anAndroid({ registeredAt: 3_000, id: "after" })],
      ])("a registration of the token by %s survives the token's death", async (_whose, again) => {
        await register(anAndroid({ registeredAt: 1_000 }));

        await register(again);
        const pruned = await stores.devices.prune("fcm", ANDROID_TOKEN, 2_000);

        expect(pruned).toBeUndefined();
        expect(await stores.devices.list(again.subscriber)).toEqual([again]);
      });

      it.each([
        ["the same subscriber", anAndroid({ registeredAt: 3_000 })],
        ["another subscriber", anAndroid({ registeredAt: 3_000, subscriber: BOB })],
      ])("a registration by %s survives it even where both come at once", async (_whose, again) => {
        for (let round = 0; round < ROUNDS; round += 1) {
          await register(anAndroid({ registeredAt: 1_000 }));

          await Promise.all(
            round % 2 === 0
              ? [stores.devices.prune("fcm", ANDROID_TOKEN, 2_000), register(again)]
              : [register(again), stores.devices.prune("fcm", ANDROID_TOKEN, 2_000)],
          );

          expect(await stores.devices.list(again.subscriber)).toEqual([again]);
          // It is still the owner, so a later dead-token answer finds it.
          expect(await stores.devices.prune("fcm", ANDROID_TOKEN, 4_000)).toEqual(again);
          expect(await stores.devices.list(ALICE)).toEqual([]);
        }
      });

      it("a registration with another token is not undone by the replacement of the first", async () => {
        await register(anAndroid());
        const renewed = anAndroid({ tokens: { registration: "renewed-by-the-app" }, registeredAt: 3_000 });
        await register(renewed);

        expect(await stores.devices.replaceToken("fcm", ANDROID_TOKEN, "from-the-provider")).toBeUndefined();
        expect(await stores.devices.list(ALICE)).toEqual([renewed]);
      });

      it("a replacement that the app has registered by itself leaves one device with one token", async () => {
        await register(anAndroid());
        const renewed = anAndroid({ tokens: { registration: "new" }, registeredAt: 3_000 });
        await register(renewed);

        expect(await stores.devices.replaceToken("fcm", ANDROID_TOKEN, "new")).toBeUndefined();
        expect(await stores.devices.list(ALICE)).toEqual([renewed]);
      });

      it("the same replacement twice is one", async () => {
        await register(anAndroid());

        await Promise.all([1, 2, 3].map(() => stores.devices.replaceToken("fcm", ANDROID_TOKEN, "new")));

        expect(await stores.devices.list(ALICE)).toEqual([anAndroid({ tokens: { registration: "new" } })]);
      });
    });
  });
}
