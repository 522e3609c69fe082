import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { buildAor } from "../../src/push/address.ts";
import type { Device } from "../../src/push/device.ts";
import { ALICE, ANDROID_TOKEN, anAndroid, anIphone, BOB, IPHONE_TOKENS } from "../fixtures/builders.ts";
import { NO_RULES, type DeviceFixture } from "./store-fixture.ts";

const HOUR = 3_600_000;
const CAROL = buildAor("carol", "example.org");
const INSTANCE = "urn:uuid:aaaa0001-0000-0000-0000-000000000001";

/** The contract of every DeviceStore for an app that is logged in to several accounts. */
export function describeSharedTokens(name: string, open: () => Promise<DeviceFixture>): void {
  describe(`DeviceStore: ${name}: a token that several subscribers have`, () => {
    let stores: DeviceFixture;

    beforeEach(async () => {
      stores = await open();
    });
    afterEach(() => stores[Symbol.asyncDispose]());

    const bind = (seconds: number, instance = INSTANCE) => ({ instance, until: stores.clock() + seconds * 1_000 });
    /** The app as it registers by SIP now. */
    const app = (overrides: Partial<Device> = {}): Device =>
      anAndroid({ registeredAt: stores.clock(), id: INSTANCE, binding: bind(600), ...overrides });
    const namesOf = async () =>
      (await Promise.all([ALICE, BOB, CAROL].map((owner) => stores.devices.list(owner)))).flatMap((devices) =>
        devices.map(({ subscriber }) => subscriber),
      );

    it("stays with each account that the same app registers", async () => {
      const [first, second, third] = [app(), app({ subscriber: BOB }), app({ subscriber: CAROL })];
      for (const device of [first, second]) await stores.devices.register(device, NO_RULES);

      const result = await stores.devices.register(third, NO_RULES);

      expect(result).toEqual({ created: true, displaced: [] });
      expect(await stores.devices.list(ALICE)).toEqual([first]);
      expect(await stores.devices.list(BOB)).toEqual([second]);
      expect(await stores.devices.list(CAROL)).toEqual([third]);
      expect(await stores.devices.findOwner("fcm", ANDROID_TOKEN)).toEqual(third);
    });

    it("stays with both however often they refresh, and both tokens of an iPhone do", async () => {
      for (let round = 0; round < 3; round += 1) {
        for (const subscriber of [ALICE, BOB]) {
          const device = anIphone({ subscriber, id: INSTANCE, registeredAt: stores.clock(), binding: bind(600) });
          await stores.devices.register(device, NO_RULES);
          stores.clock.advance(1_000);
        }
      }

      expect(await namesOf()).toEqual([ALICE, BOB]);
      expect(await stores.devices.list(ALICE)).toMatchObject([{ tokens: IPHONE_TOKENS }]);
    });

    it.each([
      ["another instance", { binding: { instance: "urn:uuid:other", until: 9e12 } }],
      ["no registration of SIP", { binding: undefined }],
    ])("moves to who registers it with %s", async (_what, { binding }) => {
      await stores.devices.register(app(), NO_RULES);
      const { binding: _own, ...bare } = app({ subscriber: BOB, id: "other" });

      const result = await stores.devices.register(
        { ...bare, ...(binding === undefined ? {} : { binding }) },
        NO_RULES,
      );

      expect(result.displaced).toEqual([{ subscriber: ALICE, deviceId: INSTANCE }]);
      expect(await namesOf()).toEqual([BOB]);
    });

    it("moves from who has told it by another way than SIP", async () => {
      await stores.devices.register(anAndroid(), NO_RULES);
      await stores.devices.register(app({ subscriber: BOB }), NO_RULES);

      expect(await namesOf()).toEqual([BOB]);
    });

    it("moves where device ids are unique", async () => {
      await stores.devices.register(app(), NO_RULES);
      const result = await stores.devices.register(app({ subscriber: BOB, id: "other" }), {
        ...NO_RULES,
        uniqueDeviceIds: true,
        keepOthers: true,
      });

      expect(result.displaced).toEqual([{ subscriber: ALICE, deviceId: INSTANCE }]);
      expect(await namesOf()).toEqual([BOB]);
    });

    it("leaves the older account when its binding expires", async () => {
      await stores.devices.register(app({ binding: bind(300) }), NO_RULES);
      await stores.devices.register(app({ subscriber: BOB }), NO_RULES);

      stores.clock.advance(299_000);
      expect(await namesOf()).toEqual([ALICE, BOB]);
      stores.clock.advance(2_000);

      expect(await namesOf()).toEqual([BOB]);
      expect(await stores.devices.findOwner("fcm", ANDROID_TOKEN)).toMatchObject({ subscriber: BOB });
      expect(await stores.devices.register(app({ subscriber: BOB }), NO_RULES)).toEqual({
        created: false,
        displaced: [],
      });
    });

    it("leaves the older account after an hour, however long its binding is", async () => {
      await stores.devices.register(app({ binding: bind(86_400) }), NO_RULES);
      await stores.devices.register(app({ subscriber: BOB, binding: bind(86_400) }), NO_RULES);

      stores.clock.advance(HOUR - 1_000);
      expect(await namesOf()).toEqual([ALICE, BOB]);
      stores.clock.advance(2_000);

      expect(await namesOf()).toEqual([BOB]);
    });

    it("is no longer shared by an account whose binding had expired before", async () => {
      await stores.devices.register(app({ binding: bind(10) }), NO_RULES);
      stores.clock.advance(11_000);
      await stores.devices.register(app({ subscriber: BOB }), NO_RULES);

      expect(await namesOf()).toEqual([BOB]);
    });

    it("stays with the others when one of them leaves", async () => {
      for (const subscriber of [ALICE, BOB, CAROL]) await stores.devices.register(app({ subscriber }), NO_RULES);

      await stores.devices.unregister(CAROL, INSTANCE);
      expect(await namesOf()).toEqual([ALICE, BOB]);
      expect(await stores.devices.findOwner("fcm", ANDROID_TOKEN)).toBeDefined();
      await stores.devices.unregister(ALICE, INSTANCE);

      expect(await namesOf()).toEqual([BOB]);
    });

    it("is forgotten for all when it is dead, one after the other", async () => {
      for (const subscriber of [ALICE, BOB, CAROL]) await stores.devices.register(app({ subscriber }), NO_RULES);
      const since = stores.clock() + 1;

      const pruned: (string | undefined)[] = [];
      for (let at = 0; at < 4; at += 1) {
        pruned.push((await stores.devices.prune("fcm", ANDROID_TOKEN, since))?.subscriber);
      }

      expect(new Set(pruned)).toEqual(new Set([ALICE, BOB, CAROL, undefined]));
      expect(await namesOf()).toEqual([]);
    });

    it("is replaced for all who share it, for as long as they do", async () => {
      for (const subscriber of [ALICE, BOB, CAROL]) await stores.devices.register(app({ subscriber }), NO_RULES);

      const owner = await stores.devices.replaceToken("fcm", ANDROID_TOKEN, "new");
      const again = await stores.devices.replaceToken("fcm", ANDROID_TOKEN, "new");

      expect(owner).toMatchObject({ subscriber: CAROL, tokens: { registration: "new" } });
      expect(again).toBeUndefined();
      for (const subscriber of [ALICE, BOB, CAROL]) {
        expect(await stores.devices.list(subscriber)).toMatchObject([{ tokens: { registration: "new" } }]);
      }
      expect(await stores.devices.findOwner("fcm", "new")).toMatchObject({ subscriber: CAROL });
      expect(await stores.devices.prune("fcm", "new", stores.clock())).toBeUndefined();
      await stores.devices.register(app({ binding: bind(7_200), tokens: { registration: "new" } }), NO_RULES);
      stores.clock.advance(601_000);
      expect(await namesOf()).toEqual([ALICE]);
    });

    it("is replaced for others of the installation that has registered the new one, and for nobody else", async () => {
      const newer = { tokens: { registration: "new" } };
      for (const subscriber of [ALICE, BOB]) await stores.devices.register(app({ subscriber }), NO_RULES);
      await stores.devices.register(app({ subscriber: CAROL, ...newer }), NO_RULES);

      await stores.devices.replaceToken("fcm", ANDROID_TOKEN, "new");

      for (const subscriber of [ALICE, BOB, CAROL]) {
        expect(await stores.devices.list(subscriber)).toMatchObject([newer]);
      }
    });

    it("is kept by who registered it after it was called dead", async () => {
      await stores.devices.register(app(), NO_RULES);
      const since = stores.clock() + 1;
      stores.clock.advance(2_000);
      await stores.devices.register(app({ subscriber: BOB }), NO_RULES);

      expect(await stores.devices.prune("fcm", ANDROID_TOKEN, since)).toMatchObject({ subscriber: ALICE });
      expect(await stores.devices.prune("fcm", ANDROID_TOKEN, since)).toBeUndefined();
      expect(await namesOf()).toEqual([BOB]);
    });

    it("is learned to be of the sandbox for each", async () => {
      for (const subscriber of [ALICE, BOB]) {
        const device = anIphone({ subscriber, registeredAt: stores.clock(), binding: bind(600) });
        await stores.devices.register(device, NO_RULES);
      }

      const learned = await Promise.all(
        [1, 2, 3].map(() => stores.devices.learnEnvironment("apns", IPHONE_TOKENS.voip, "sandbox")),
      );

      expect(learned.filter((device) => device !== undefined)).not.toHaveLength(0);
      while ((await stores.devices.learnEnvironment("apns", IPHONE_TOKENS.voip, "sandbox")) !== undefined);
      for (const owner of [ALICE, BOB]) {
        expect(await stores.devices.list(owner)).toMatchObject([{ environment: "sandbox" }]);
      }
    });

    it("stays with everybody whom a registration is to leave it", async () => {
      await stores.devices.register(anAndroid(), NO_RULES);
      const result = await stores.devices.register(anAndroid({ subscriber: BOB }), { ...NO_RULES, keepOthers: true });

      expect(result).toEqual({ created: true, displaced: [] });
      stores.clock.advance(10 * HOUR);
      expect(await namesOf()).toEqual([ALICE, BOB]);

      await stores.devices.register(anAndroid({ subscriber: BOB }), NO_RULES);
      expect(await namesOf()).toEqual([BOB]);
    });

    it("has no lasting owner that another one has displaced, in whatever order all register", async () => {
      for (let round = 0; round < 15; round += 1) {
        const binding = bind(600, `urn:uuid:${round}`);
        await Promise.all(
          [ALICE, BOB].map((subscriber) => stores.devices.register(app({ subscriber, binding }), NO_RULES)),
        );
        expect(await namesOf()).toEqual([ALICE, BOB]);

        await stores.devices.register(anAndroid({ subscriber: CAROL, registeredAt: stores.clock() }), NO_RULES);
        expect(await namesOf()).toEqual([CAROL]);
      }
    });
  });
}
