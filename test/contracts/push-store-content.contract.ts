import { afterEach, describe, expect, it } from "vitest";
import type { PushStore } from "../../src/gateway/push-store.ts";
import type { PayloadProfile } from "../../src/push/payload-profile.ts";
import type { Push, PushRequest } from "../../src/push/push.ts";
import { A_DIRECT_IPHONE, aCall, aMessage, BOB } from "../fixtures/builders.ts";
import {
  acceptNew,
  anAcceptance,
  delivered,
  failed,
  openWithIphone,
  TTL,
  type OpenStores,
  type StoreFixture,
  type StoreFixtureOptions,
} from "./store-fixture.ts";

const PROFILE: PayloadProfile = "linphone";
const TEXT = { data: { title: "Lunch?", body: "At noon" }, aps: { alert: "Bob: lunch?", sound: "ring.caf" } } as const;
const CALL_URL = "https://push.example.org/v1/calls/1?token=secret";
const MINUTE_MS = 60_000;
const RETENTION_MS = 24 * 60 * MINUTE_MS;

/** Part of the PushStore contract: texts and tokens that are kept of an ended push. */
export function describeKeptContent(name: string, openStores: OpenStores): void {
  describe(`what is kept of an ended push: ${name}`, () => {
    let stores: StoreFixture;

    afterEach(() => stores[Symbol.asyncDispose]());

    const open = async (options?: StoreFixtureOptions): Promise<PushStore> => {
      stores = await openWithIphone(openStores, options);
      return stores.pushes;
    };

    async function read(id: string): Promise<Push> {
      const push = await stores.otherWorker.get(id);
      if (push === undefined) throw new Error(`there is no push ${id}`);
      return push;
    }
    const tokensOf = (push: Push) => push.deliveries.map(({ token }) => token);
    const aWrittenMessage = (rest: Partial<PushRequest> = {}) => aMessage({ ...TEXT, caller: "Bob", ...rest });
    const aWrittenCall = (rest: Partial<PushRequest> = {}) =>
      aCall({ ...TEXT, callId: "1@example.org", callUrl: CALL_URL, profile: PROFILE, ...rest });

    it("is nothing that people wrote, and no token, of a delivered message", async () => {
      const pushes = await open();
      const lease = await acceptNew(pushes, aWrittenMessage());
      expect((await read(lease.push.id)).request).toMatchObject(TEXT);

      await pushes.settle(lease, [delivered()]);

      const push = await read(lease.push.id);
      expect(push).toMatchObject({ state: "delivered", deliveries: [{ deviceId: "iphone", state: "delivered" }] });
      expect(push.request).toEqual({ ...aWrittenMessage(), data: {}, aps: {} });
      expect(tokensOf(push)).toEqual([""]);
    });

    it("is as little of a cancelled one", async () => {
      const pushes = await open();
      const { push } = await acceptNew(pushes, aWrittenMessage());

      await pushes.cancel({ id: push.id });

      const ended = await read(push.id);
      expect(ended).toMatchObject({ state: "cancelled", request: { data: {}, aps: {} } });
      expect(tokensOf(ended)).toEqual([""]);
    });

    it("is as little of a suppressed one, although it names its phone", async () => {
      const pushes = await open();
      const direct = { ...A_DIRECT_IPHONE, tokens: { voip: "c3".repeat(32) } };

      await pushes.accept(anAcceptance(aWrittenCall({ callee: BOB }), "no-device"));
      await pushes.accept(anAcceptance(aWrittenMessage({ direct }), "no-token"));

      for (const id of ["no-device", "no-token"]) {
        const { state, request } = await read(id);
        expect(state).toBe("suppressed");
        expect(request).toMatchObject({ data: {}, aps: {} });
        expect(request.direct?.tokens ?? {}).toEqual({});
        expect(request.callUrl).toBeUndefined();
      }
    });

    it("is all of a push that failed or expired, for it may be sent again", async () => {
      const pushes = await open();
      const lost = await acceptNew(pushes, aWrittenMessage({ pushId: "failed" }));
      const late = await acceptNew(pushes, aWrittenMessage({ pushId: "expired" }));

      await pushes.settle(lost, [failed()]);
      await pushes.settle(late, [{ deviceId: "iphone", state: "expired", attempts: 1 }]);
      await pushes.forgetEnded(RETENTION_MS);

      expect(await read(lost.push.id)).toMatchObject({ state: "failed", request: TEXT });
      expect(await read(late.push.id)).toMatchObject({ state: "expired", request: TEXT });
      expect(tokensOf(await read(late.push.id))).toEqual(tokensOf(late.push));
    });

    it("is nothing that people wrote, and no token, of a dead letter that was replayed", async () => {
      const pushes = await open();
      const lost = await acceptNew(pushes, aWrittenMessage());
      const call = await acceptNew(pushes, aWrittenCall({ replayOf: "an-older-one" }));
      await pushes.settle(lost, [failed()]);
      await pushes.settle(call, [failed()]);

      await pushes.markReplayed(lost.push.id, "the-new-one");
      await pushes.markReplayed(call.push.id, "the-new-call");

      const { caller, callId } = aWrittenCall();
      expect((await read(lost.push.id)).request).toEqual({ ...aWrittenMessage(), data: {}, aps: {} });
      const replayedCall = await read(call.push.id);
      expect(replayedCall.request).toMatchObject({ caller, callId, replayOf: "an-older-one", data: {}, aps: {} });
      expect(replayedCall.request.callUrl).toBeUndefined();
      expect([...tokensOf(await read(lost.push.id)), ...tokensOf(replayedCall)]).toEqual(["", ""]);
    });

    it("is nothing at all of a dead letter that is let go", async () => {
      const pushes = await open();
      const lease = await acceptNew(pushes, aWrittenMessage());
      await pushes.settle(lease, [failed()]);

      await pushes.dropDeadLetter(lease.push.id);

      expect(await stores.otherWorker.get(lease.push.id)).toBeUndefined();
    });

    it("is the tokens and the form of a call, until no phone can have to be told of its end", async () => {
      const pushes = await open();
      const lease = await acceptNew(pushes, aWrittenCall());
      await pushes.settle(lease, [delivered()]);

      const whileItMayRing = await read(lease.push.id);
      stores.clock.advance(TTL.call + 4 * MINUTE_MS);
      await pushes.forgetEnded(RETENTION_MS);
      const later = await read(lease.push.id);
      stores.clock.advance(2 * MINUTE_MS);
      await pushes.forgetEnded(RETENTION_MS);
      const afterwards = await read(lease.push.id);

      for (const push of [whileItMayRing, later]) {
        expect(push.request).toMatchObject({ data: {}, aps: {}, profile: PROFILE });
        expect(tokensOf(push)).toEqual(tokensOf(lease.push));
      }
      const { caller, callId } = aWrittenCall();
      expect(afterwards).toMatchObject({ request: { caller, callId }, deliveries: [{ deviceId: "iphone" }] });
      expect(tokensOf(afterwards)).toEqual([""]);
      expect(afterwards.request.profile).toBeUndefined();
      expect(afterwards.request.callUrl).toBeUndefined();
    });

    it("loses the tokens that the request named itself, too", async () => {
      const pushes = await open();
      const lease = await acceptNew(pushes, aWrittenMessage({ direct: A_DIRECT_IPHONE }));

      await pushes.settle(lease, [delivered(lease.push.deliveries[0]?.deviceId)]);

      const { request } = await read(lease.push.id);
      expect(request.direct).toEqual({ ...A_DIRECT_IPHONE, tokens: {} });
    });

    it("still tells a repeat from another content under the same key", async () => {
      const pushes = await open();
      const lease = await acceptNew(pushes, aWrittenMessage());
      await pushes.settle(lease, [delivered()]);

      const repeat = await pushes.accept(anAcceptance(aWrittenMessage()));
      const other = await pushes.accept(anAcceptance(aWrittenMessage({ data: { body: "At one" } })));

      expect(repeat).toEqual({ kind: "repeat", id: lease.push.id, state: "delivered" });
      expect(other).toEqual({ kind: "conflict", id: lease.push.id });
    });

    it("is everything, if it is kept on purpose", async () => {
      const pushes = await open({ keepContent: true });
      const message = await acceptNew(pushes, aWrittenMessage());
      await pushes.settle(message, [delivered()]);
      await pushes.accept(anAcceptance(aWrittenCall({ callee: BOB }), "no-device"));
      const lost = await acceptNew(pushes, aWrittenMessage({ pushId: "lost" }));
      await pushes.settle(lost, [failed()]);
      await pushes.markReplayed(lost.push.id, "the-new-one");
      stores.clock.advance(60 * MINUTE_MS);
      await pushes.forgetEnded(RETENTION_MS);

      expect((await read(message.push.id)).request).toEqual(message.push.request);
      expect(tokensOf(await read(message.push.id))).toEqual(tokensOf(message.push));
      expect((await read("no-device")).request).toMatchObject({ ...TEXT, callUrl: CALL_URL });
      expect((await read(lost.push.id)).request).toEqual(lost.push.request);
      expect(tokensOf(await read(lost.push.id))).toEqual(tokensOf(lost.push));
    });
  });
}
