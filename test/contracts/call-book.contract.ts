import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { CallBook, CallChange, NewCall } from "../../src/gateway/call-book.ts";
import { applyCallEvent, type Call } from "../../src/push/call.ts";
import type { PushRequest } from "../../src/push/push.ts";
import { ALICE, aCall, anIphone, aTarget, BOB } from "../fixtures/builders.ts";
import { anAcceptance, NO_RULES, openWithIphone, type OpenStores, type StoreFixture } from "./store-fixture.ts";

const CALL_ID = 'a84b4c76"e66710@pc33.example.com';
const CANCELLED = { kind: "cancelled" } as const;

function aNewCall(overrides: Partial<NewCall> = {}): NewCall {
  return { id: CALL_ID, caller: "+43 «1»", door: "v1", urlToken: "t".repeat(22), ...overrides };
}

/** The contract of every CallBook, together with the PushStore that begins its calls. */
export function describeCallBook(name: string, open: OpenStores): void {
  describe(`CallBook: ${name}`, () => {
    let stores: StoreFixture;
    let calls: CallBook;

    beforeEach(async () => {
      stores = await openWithIphone(open);
      calls = stores.calls;
    });
    afterEach(() => stores[Symbol.asyncDispose]());

    const accept = (call: NewCall = aNewCall(), request: Partial<PushRequest> = {}) =>
      stores.pushes.accept({ ...anAcceptance(aCall({ callId: call.id, ...request })), call });

    async function begin(call: NewCall = aNewCall(), request: Partial<PushRequest> = {}): Promise<Call> {
      await accept(call, request);
      const begun = await calls.get({ callee: request.callee ?? ALICE, id: call.id });
      if (begun === undefined) throw new Error(`there is no call ${call.id}`);
      return begun;
    }

    it("has the call of an accepted push, as it was asked for", async () => {
      const result = await accept();

      if (result.kind !== "accepted") throw new Error(result.kind);
      const { push } = result.lease;
      expect(await stores.otherCalls.get({ callee: ALICE, id: CALL_ID })).toEqual({
        ...aNewCall(),
        callee: ALICE,
        pushIds: [push.id],
        state: "ringing",
        startedAt: push.acceptedAt,
        deadline: push.deadline,
        registrations: [],
        history: [],
        revision: 1,
      });
    });

    it("has the call of a push that was not sent as unreachable, with the reason", async () => {
      const call = await begin(aNewCall(), { callee: BOB });

      expect(call).toMatchObject({ state: "unreachable", reason: "no_device", endedAt: stores.clock() });
    });

    it("rings with every push for it while it goes on, and with none after its end", async () => {
      const first = await begin();
      // One request per phone, as from a platform that keeps the tokens.
      const other = { targets: [aTarget({ deviceId: "pixel" })], dedup: { ...anAcceptance(aCall()).dedup, key: "2" } };
      const again = () =>
        stores.pushes.accept({ ...anAcceptance(aCall({ callId: CALL_ID })), ...other, call: aNewCall() });

      const result = await again();
      const both = await calls.get(first);

      if (result.kind !== "accepted" || both === undefined) throw new Error(result.kind);
      expect(both).toEqual({ ...first, pushIds: [...first.pushIds, result.lease.push.id], revision: 2 });

      expect(await calls.replace(both, applyCallEvent(both, CANCELLED, 9))).toBe(true);
      stores.clock.advance(600_000);
      expect(await again()).toMatchObject({ kind: "suppressed", reason: "call_ended" });
      expect(await calls.get(first)).toMatchObject({ state: "cancelled", pushIds: both.pushIds });
    });

    it("has one URL for all the pushes that ring for it, and the latest of their deadlines", async () => {
      const urlOf = ({ urlToken }: NewCall) => `https://push.example.org/v1/calls/c?token=${urlToken}`;
      const ring = (deviceId: string, token: string, ttlMs: number) => {
        const call = aNewCall({ urlToken: token.repeat(22) });
        const request = aCall({ callId: CALL_ID, callUrl: urlOf(call), ttlMs });
        const dedup = { ...anAcceptance(request).dedup, key: deviceId };
        return stores.pushes.accept({ ...anAcceptance(request), targets: [aTarget({ deviceId })], dedup, call });
      };
      await ring("first", "t", 30_000);
      const { startedAt } = (await calls.get({ callee: ALICE, id: CALL_ID })) ?? { startedAt: NaN };

      const results = [await ring("second", "u", 50_000), await ring("third", "v", 10_000)];

      const pushes = results.map((result) => (result.kind === "accepted" ? result.lease.push : undefined));
      const stored = await Promise.all(pushes.map((push) => stores.pushes.get(push?.id ?? "")));
      const urls = [...pushes, ...stored].map((push) => push?.request.callUrl);
      expect(urls).toEqual(urls.map(() => urlOf(aNewCall())));
      const [second] = results;
      if (second?.kind !== "accepted") throw new Error(second?.kind);
      await stores.pushes.settle(second.lease, [{ deviceId: "second", state: "delivered", attempts: 1 }]);
      expect((await stores.pushes.get(second.lease.push.id))?.request.callUrl).toBe(urlOf(aNewCall()));
      const call = await stores.otherCalls.get({ callee: ALICE, id: CALL_ID });
      expect(call).toMatchObject({ urlToken: aNewCall().urlToken, deadline: startedAt + 50_000 });
    });

    it("begins anew where nobody could be woken before", async () => {
      await begin(aNewCall(), { callee: BOB });
      await stores.devices.register(anIphone({ subscriber: BOB, tokens: { voip: "c3".repeat(32) } }), NO_RULES);

      expect(await begin(aNewCall(), { callee: BOB })).toMatchObject({ state: "ringing", history: [], revision: 1 });
    });

    it("has nothing of a push that rings for no call, and nothing new of a repeat", async () => {
      await stores.pushes.accept(anAcceptance(aCall({ callId: "other" })));
      await begin();
      await accept(aNewCall({ urlToken: "u".repeat(22) }));

      expect(await calls.get({ callee: ALICE, id: "other" })).toBeUndefined();
      expect((await calls.get({ callee: ALICE, id: CALL_ID }))?.urlToken).toBe("t".repeat(22));
    });

    it("finds all calls of one id, whoever was called", async () => {
      await stores.devices.register(anIphone({ subscriber: BOB, tokens: { voip: "c3".repeat(32) } }), NO_RULES);
      await begin();
      stores.clock.advance(1);
      await begin(aNewCall(), { callee: BOB });

      await vi.waitFor(async () => {
        expect((await stores.otherCalls.find(CALL_ID)).map(({ callee }) => callee)).toEqual([ALICE, BOB]);
      });
      expect(await calls.find("none")).toEqual([]);
    });

    it("lists a subscriber's calls from an instant on, the newest first", async () => {
      for (const id of ["1", "2", "3", "4"]) {
        await begin(aNewCall({ id }));
        stores.clock.advance(10);
      }
      const since = stores.clock() - 30;

      const ids = async (limit: number) => (await calls.list(ALICE, { since, limit })).map(({ id }) => id);
      expect(await ids(10)).toEqual(["4", "3", "2"]);
      expect(await ids(1)).toEqual(["4"]);
      expect(await calls.list(BOB, { since, limit: 10 })).toEqual([]);
    });

    it("keeps the newest 200 calls of a subscriber", async () => {
      const since = stores.clock();
      await begin(aNewCall({ id: "of bob" }), { callee: BOB });
      for (let index = 0; index < 203; index += 1) {
        await begin(aNewCall({ id: `${index}` }));
        stores.clock.advance(1);
      }

      const ids = (await calls.list(ALICE, { since, limit: 500 })).map(({ id }) => id);

      expect(ids).toHaveLength(200);
      expect([ids[0], ids.at(-1)]).toEqual(["202", "3"]);
      expect(await calls.get({ callee: ALICE, id: "2" })).toBeUndefined();
      expect(await calls.list(BOB, { since, limit: 500 })).toHaveLength(1);
    });

    it("writes a change once: who has not seen the last one writes nothing", async () => {
      const call = await begin();
      const cancelled = applyCallEvent(call, CANCELLED, 5);

      expect(await calls.replace(call, cancelled)).toBe(true);
      expect(await stores.otherCalls.replace(call, applyCallEvent(call, { kind: "missed" }, 6))).toBe(false);
      expect(await calls.get(call)).toEqual(cancelled);
      expect(await calls.replace({ ...call, id: "none" }, cancelled)).toBe(false);
    });

    it("lets one of many who write at once win", async () => {
      const call = await begin();

      const written = await Promise.all(
        [calls, stores.otherCalls, calls, stores.otherCalls].map((book, index) =>
          book.replace(call, applyCallEvent(call, CANCELLED, index)),
        ),
      );

      expect(written.filter(Boolean)).toHaveLength(1);
    });

    it("tells who watches of changes, wherever they were made, until they are deaf again", async () => {
      const call = await begin();
      const heard = vi.fn<(change: CallChange) => void>();
      const watch = calls.watch(heard);

      // Changes before the subscription was active may be missed.
      await vi.waitFor(async () => {
        const before = (await calls.get(call)) ?? call;
        await stores.otherCalls.replace(before, applyCallEvent(before, { kind: "ringing" }, 1));
        expect(heard).toHaveBeenCalledWith({ callee: ALICE, id: CALL_ID, pushIds: call.pushIds, state: "ringing" });
      });

      watch[Symbol.dispose]();
      heard.mockClear();
      const before = (await calls.get(call)) ?? call;
      await calls.replace(before, applyCallEvent(before, CANCELLED, 1));
      expect(heard).not.toHaveBeenCalled();
    });

    it("takes the targets that come with a push in the place of registered devices", async () => {
      const targets = [aTarget({ deviceId: "pixel" }), aTarget({ deviceId: "old", environment: "sandbox" })];

      const result = await stores.pushes.accept({ ...anAcceptance(aCall({ callee: BOB })), targets });
      const none = await stores.pushes.accept({ ...anAcceptance(aCall({ callId: "x" })), targets: [] });

      if (result.kind !== "accepted") throw new Error(result.kind);
      const deliveries = targets.map((target) => ({ ...target, state: "pending", attempts: 0 }));
      expect(result.lease.push.deliveries).toEqual(deliveries);
      expect((await stores.otherWorker.get(result.lease.push.id))?.deliveries).toEqual(deliveries);
      expect(none).toMatchObject({ kind: "suppressed", reason: "no_device" });
    });
  });
}
