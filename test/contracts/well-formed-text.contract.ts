import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Call } from "../../src/push/call.ts";
import { ALICE, aCall, aMessage, anIphone } from "../fixtures/builders.ts";
import {
  acceptNew,
  anAcceptance,
  failed,
  NO_RULES,
  openWithIphone,
  type OpenStores,
  type StoreFixture,
} from "./store-fixture.ts";

/** Text that was cut in the middle of an emoji, and its well-formed version. */
const HALF = "Bob \ud83d";
const WHOLE = "Bob �";

/** The contract of every store for text that is not well-formed. */
export function describeWellFormedText(name: string, open: OpenStores): void {
  describe(`half an emoji: ${name}`, () => {
    let stores: StoreFixture;

    beforeEach(async () => {
      stores = await openWithIphone(open);
    });
    afterEach(() => stores[Symbol.asyncDispose]());

    it("is replaced in all that a push says, before it is sent", async () => {
      const request = aMessage({ caller: HALF, callId: HALF, data: { [HALF]: HALF }, aps: { alert: HALF } });

      const lease = await acceptNew(stores.pushes, request);

      const whole = { caller: WHOLE, callId: WHOLE, data: { [WHOLE]: WHOLE }, aps: { alert: WHOLE } };
      expect(lease.push.request).toMatchObject(whole);
      expect((await stores.otherWorker.get(lease.push.id))?.request).toMatchObject(whole);
    });

    it("is replaced in a provider's word", async () => {
      const lease = await acceptNew(stores.pushes, aMessage());

      await stores.pushes.settle(lease, [failed("iphone", HALF)]);

      const push = await stores.otherWorker.get(lease.push.id);
      expect(push).toMatchObject({ reason: WHOLE, deliveries: [{ reason: WHOLE }] });
    });

    it("lets a call go on to its end, by whichever form of its id it is named", async () => {
      const call = { id: HALF, caller: HALF, door: "v1", urlToken: "t" };
      const first = await stores.pushes.accept({ ...anAcceptance(aCall({ callId: HALF, caller: HALF })), call });
      const other = { ...anAcceptance(aCall({ callId: HALF, pushId: "2" })), call };

      expect((await stores.pushes.accept(other)).kind).toBe("accepted");
      const [begun] = await stores.calls.find(HALF);
      if (begun === undefined) throw new Error("there is no such call");
      const after: Call = {
        ...begun,
        state: "cancelled",
        endedBy: HALF,
        history: [{ at: 1, event: "cancelled", detail: HALF }],
        revision: begun.revision + 1,
      };

      expect(first.kind).toBe("accepted");
      expect(begun).toMatchObject({ id: WHOLE, caller: WHOLE, state: "ringing" });
      expect(begun.pushIds).toHaveLength(2);
      expect(await stores.calls.replace(begun, after)).toBe(true);
      for (const id of [HALF, WHOLE]) {
        expect(await stores.otherCalls.get({ callee: ALICE, id })).toMatchObject({
          state: "cancelled",
          endedBy: WHOLE,
          history: [{ detail: WHOLE }],
        });
      }
    });

    it("is replaced in a device, which is found by what it registered with", async () => {
      const tokens = { remote: HALF };
      await stores.devices.register(anIphone({ id: HALF, name: HALF, app: HALF, tokens }), NO_RULES);

      const device = { id: WHOLE, name: WHOLE, app: WHOLE, tokens: { remote: WHOLE } };
      expect(await stores.devices.findOwner("apns", HALF)).toMatchObject(device);
      expect(await stores.devices.list(ALICE)).toContainEqual(expect.objectContaining(device));
      expect(await stores.devices.replaceToken("apns", HALF, `${HALF}2`)).toMatchObject({ id: WHOLE });
      expect(await stores.devices.unregister(ALICE, HALF)).toBe(true);
    });

    it("is replaced in preferences, and mutes the chat all the same", async () => {
      await stores.preferences.patchSubscriber(ALICE, { mobile_push_silent_list: [HALF] });

      const { push } = await acceptNew(stores.pushes, aMessage({ data: { room_jid: HALF } }));

      expect(await stores.preferences.readSubscriber(ALICE)).toEqual({ mobile_push_silent_list: [WHOLE] });
      expect(push.request.silent).toBe(true);
    });

    it("is replaced in the name of a phone that is to be woken", async () => {
      await stores.wakes.plan({ subscriber: ALICE, deviceId: HALF, afterMs: 0 });

      expect(await stores.otherWakes.takeDue({ limit: 1, againMs: 1_000 })).toMatchObject([{ deviceId: WHOLE }]);
    });
  });
}
