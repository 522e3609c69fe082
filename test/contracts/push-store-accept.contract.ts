import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { A_DIRECT_IPHONE, ALICE, aCall, aMessage, anAndroid, BOB, IPHONE_TOKENS } from "../fixtures/builders.ts";
import {
  acceptNew,
  anAcceptance,
  delivered,
  IMPLICIT_WINDOW_MS,
  LEASE_MS,
  leaseOf,
  NO_RULES,
  openWithIphone,
  TTL,
  EVERYTHING,
  type OpenStores,
  type StoreFixture,
} from "./store-fixture.ts";

/** Part 1 of the PushStore contract: accepting requests. */
export function describeAccepting(open: OpenStores): void {
  describe("accepting", () => {
    let stores: StoreFixture;

    beforeEach(async () => {
      stores = await openWithIphone(open);
    });
    afterEach(() => stores[Symbol.asyncDispose]());

    describe("newId", () => {
      it("gives lower-case UUIDs that rise with time, and by which any worker finds the pushes", async () => {
        const ids = Array.from({ length: 50 }, () => stores.pushes.newId(ALICE));
        const [first = ""] = ids;

        await stores.pushes.accept(anAcceptance(aCall(), first));

        for (const id of ids)
          expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-[78][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        expect(new Set(ids).size).toBe(50);
        expect(ids).toEqual(ids.toSorted());
        expect(await stores.otherWorker.get(first)).toMatchObject({ id: first, state: "pending" });
        expect(await stores.otherWorker.cancel({ id: first })).toBe("cancelled");
      });
    });

    describe("accept", () => {
      it("stores the push with one pending delivery for each device that serves its kind", async () => {
        await stores.devices.register(anAndroid({ registeredAt: 2_000 }), NO_RULES);
        const request = aCall({ data: { "P-Called-Party-ID": "sip:ü@example.org" }, aps: { badge: 1 } });

        const { push } = await acceptNew(stores.pushes, request);

        expect(push).toMatchObject({ request, state: "pending", acceptedAt: stores.clock() });
        expect(push.deliveries).toMatchObject([
          { deviceId: "iphone", tokenKind: "voip", token: IPHONE_TOKENS.voip, state: "pending", attempts: 0 },
          { deviceId: "pixel", tokenKind: "registration", state: "pending", attempts: 0 },
        ]);
        expect(await stores.otherWorker.get(push.id)).toEqual(push);
      });

      it("keeps the id that the caller chose, and gives each push a lease token of its own", async () => {
        const first = leaseOf(await stores.pushes.accept(anAcceptance(aCall({ callId: "1" }), "id-1")));
        const second = leaseOf(await stores.pushes.accept(anAcceptance(aCall({ callId: "2" }), "id-2")));

        expect([first.push.id, second.push.id]).toEqual(["id-1", "id-2"]);
        expect(first.token).not.toBe(second.token);
        expect(first.endsAt).toBe(stores.clock() + LEASE_MS);
      });

      it("leases the push under the caller's token, so that a caller who had no answer can renew the lease", async () => {
        const acceptance = anAcceptance(aCall());
        const { token } = leaseOf(await stores.pushes.accept(acceptance));
        const push = await stores.pushes.get(acceptance.id);

        expect(token).toBe(acceptance.leaseToken);
        expect(await stores.pushes.renew([{ push: push!, token: acceptance.leaseToken }], LEASE_MS)).toMatchObject({
          kept: new Set([acceptance.leaseToken]),
          lost: new Set(),
        });
      });

      it("leases the push to the caller, so that nobody else gets it", async () => {
        await acceptNew(stores.pushes, aCall());

        const batch = await stores.otherWorker.lease(EVERYTHING);

        expect(batch).toEqual({ leases: [], nextDueAt: stores.clock() + LEASE_MS });
      });

      it("takes the deadline from the request, else the preference for calls, else the kind", async () => {
        await stores.preferences.patchSubscriber(ALICE, { mobile_push_expiry: 20 });
        const now = stores.clock();

        const wished = await acceptNew(stores.pushes, aCall({ callId: "1", ttlMs: 5_000 }));
        const preferred = await acceptNew(stores.pushes, aCall({ callId: "2" }));
        const usual = await acceptNew(stores.pushes, aMessage());

        expect(wished.push.deadline).toBe(now + 5_000);
        expect(preferred.push.deadline).toBe(now + 20_000);
        expect(usual.push.deadline).toBe(now + TTL.message);
      });

      it("remembers with the push what was set when it was accepted, by whoever it was", async () => {
        await stores.preferences.patchDomain("example.org", { mobile_push_enable: "no_reg" });
        await stores.preferences.patchSubscriber(ALICE, { mobile_push_expiry: 20 });
        const { push } = await acceptNew(stores.pushes, aCall());
        await stores.preferences.patchSubscriber(ALICE, { mobile_push_enable: "never", mobile_push_expiry: null });

        await stores.pushes.accept(anAcceptance(aCall({ callId: "2" }), "id-2"));

        expect(push.preferences).toEqual({ mobile_push_enable: "no_reg", mobile_push_expiry: 20 });
        expect(await stores.otherWorker.get(push.id)).toEqual(push);
        expect((await stores.pushes.get("id-2"))?.preferences).toEqual({ mobile_push_enable: "never" });
      });

      it("makes a message silent where the subscriber muted the chat", async () => {
        await stores.preferences.patchSubscriber(ALICE, { mobile_push_silent_list: ["bob@example.org"] });

        const { push } = await acceptNew(stores.pushes, aMessage());

        expect(push.request.silent).toBe(true);
        expect((await stores.pushes.get(push.id))?.request.silent).toBe(true);
      });

      it("suppresses the push of a subscriber who wants none, and can explain it later", async () => {
        await stores.preferences.patchSubscriber(ALICE, { mobile_push_enable: "never" });

        const result = await stores.pushes.accept(anAcceptance(aCall(), "id-1"));

        expect(result).toEqual({ kind: "suppressed", id: "id-1", reason: "push_disabled" });
        expect(await stores.pushes.get("id-1")).toMatchObject({ state: "suppressed", reason: "push_disabled" });
        expect(await stores.pushes.lease(EVERYTHING)).toEqual({ leases: [] });
      });

      it("lets a subscriber's preference hide the domain's", async () => {
        await stores.preferences.patchDomain("example.org", { mobile_push_enable: "never" });
        await stores.devices.register(anAndroid({ subscriber: BOB }), NO_RULES);
        await stores.preferences.patchSubscriber(BOB, { mobile_push_enable: "always" });

        const alices = await stores.pushes.accept(anAcceptance(aCall()));
        const bobs = await stores.pushes.accept(anAcceptance(aCall({ callee: BOB })));

        expect(alices).toMatchObject({ kind: "suppressed", reason: "push_disabled" });
        expect(bobs.kind).toBe("accepted");
      });

      it("suppresses a push that no device can get, and takes the same one once there is a device", async () => {
        const request = aCall({ callee: BOB, pushId: "invite-1" });

        const before = await stores.pushes.accept(anAcceptance(request));
        await stores.devices.register(anAndroid({ subscriber: BOB }), NO_RULES);
        const after = await stores.pushes.accept(anAcceptance(request));

        expect(before).toMatchObject({ kind: "suppressed", reason: "no_device" });
        expect(after.kind).toBe("accepted");
      });

      it("sends a push that names its phone to that phone alone, registered or not", async () => {
        const direct = { ...A_DIRECT_IPHONE, deviceId: "urn:uuid:1" };

        const alices = await acceptNew(stores.pushes, aCall({ direct }));
        const bobs = await acceptNew(stores.pushes, aMessage({ callee: BOB, direct: A_DIRECT_IPHONE }));

        const { provider, environment, app, tokens } = A_DIRECT_IPHONE;
        const target = { provider, environment, app, state: "pending", attempts: 0 };
        expect(alices.push.deliveries).toEqual([
          { ...target, deviceId: "urn:uuid:1", tokenKind: "voip", token: tokens.voip },
        ]);
        expect(bobs.push.deliveries).toEqual([
          { ...target, deviceId: "direct", tokenKind: "remote", token: tokens.remote },
        ]);
        expect(await stores.otherWorker.get(alices.push.id)).toEqual(alices.push);
      });

      it("heeds the preferences of the callee whose phone a push names", async () => {
        await stores.preferences.patchSubscriber(ALICE, { mobile_push_expiry: 20 });
        await stores.preferences.patchSubscriber(BOB, { mobile_push_enable: "never" });

        const alices = await acceptNew(stores.pushes, aCall({ direct: A_DIRECT_IPHONE }));
        const bobs = await stores.pushes.accept(anAcceptance(aCall({ callee: BOB, direct: A_DIRECT_IPHONE })));

        expect(alices.push.deadline).toBe(stores.clock() + 20_000);
        expect(bobs).toMatchObject({ kind: "suppressed", reason: "push_disabled" });
      });

      it("suppresses a push whose own phone cannot take it, whatever the callee has registered", async () => {
        const direct = { ...A_DIRECT_IPHONE, tokens: { voip: "c3".repeat(32) } };

        const result = await stores.pushes.accept(anAcceptance(aMessage({ direct })));

        expect(result).toMatchObject({ kind: "suppressed", reason: "no_device" });
      });

      it("refuses a push over the limit, until another one has ended", async () => {
        await using small = await openWithIphone(open, { limits: { pushes: 2 } });
        const first = await acceptNew(small.pushes, aCall({ callId: "1" }));
        await acceptNew(small.pushes, aCall({ callId: "2" }));

        const refused = await small.pushes.accept(anAcceptance(aCall({ callId: "3" }), "id-3"));
        const repeat = await small.pushes.accept(anAcceptance(aCall({ callId: "1" })));
        await small.pushes.settle(first, [delivered()]);
        const retried = await small.pushes.accept(anAcceptance(aCall({ callId: "3" }), "id-3"));

        expect(refused).toEqual({ kind: "full", bound: "queue" });
        expect(repeat.kind).toBe("repeat");
        expect(retried.kind).toBe("accepted");
      });

      it("refuses a push when those before it hold too many bytes, until they have ended", async () => {
        await using small = await openWithIphone(open, { limits: { bytes: 3_000 } });
        const big = aMessage({ pushId: "big", data: { message: "x".repeat(4_000) } });
        const first = await acceptNew(small.pushes, big);

        const refused = await small.pushes.accept(anAcceptance(aCall(), "id-2"));
        await small.pushes.settle(first, [delivered()]);
        const retried = await small.pushes.accept(anAcceptance(aCall(), "id-2"));

        expect(refused).toEqual({ kind: "full", bound: "queue" });
        expect(retried.kind).toBe("accepted");
      });

      it("no longer counts the bytes of a push that has ended while others wait", async () => {
        await using small = await openWithIphone(open, { limits: { bytes: 8_000 } });
        const accept = (pushId: string) =>
          small.pushes.accept(anAcceptance(aMessage({ pushId, data: { message: "x".repeat(4_000) } })));
        const first = leaseOf(await accept("1"));
        leaseOf(await accept("2"));

        const refused = await accept("3");
        await small.pushes.settle(first, [delivered()]);
        const retried = await accept("3");

        expect(refused).toEqual({ kind: "full", bound: "queue" });
        expect(retried.kind).toBe("accepted");
      });
    });

    describe("dedup", () => {
      it("knows a push_id again, and answers the first push and its state", async () => {
        const first = await acceptNew(stores.pushes, aMessage());

        const waiting = await stores.otherWorker.accept(anAcceptance(aMessage()));
        await stores.pushes.settle(first, [delivered()]);
        const ended = await stores.pushes.accept(anAcceptance(aMessage()));

        expect(waiting).toEqual({ kind: "repeat", id: first.push.id, state: "pending" });
        expect(ended).toEqual({ kind: "repeat", id: first.push.id, state: "delivered" });
      });

      it("takes one of many that come at the same time", async () => {
        const results = await Promise.all(
          Array.from({ length: 10 }, (_, index) =>
            (index % 2 === 0 ? stores.pushes : stores.otherWorker).accept(anAcceptance(aMessage())),
          ),
        );

        expect(results.filter(({ kind }) => kind === "accepted")).toHaveLength(1);
        expect(results.filter(({ kind }) => kind === "repeat")).toHaveLength(9);
      });

      it("calls the same push_id with another content a conflict", async () => {
        const first = await acceptNew(stores.pushes, aMessage());

        const result = await stores.pushes.accept(anAcceptance(aMessage({ aps: { alert: "Something else" } })));

        expect(result).toEqual({ kind: "conflict", id: first.push.id });
      });

      it("takes a call of the same caller without an id for the same push, whatever else it says", async () => {
        const first = await acceptNew(stores.pushes, aCall({ data: { attempt: "1" } }));

        const again = await stores.pushes.accept(anAcceptance(aCall({ data: { attempt: "2" } })));

        expect(again).toMatchObject({ kind: "repeat", id: first.push.id });
      });

      it("takes the same call for two phones of the callee for two pushes", async () => {
        const other = { ...A_DIRECT_IPHONE, tokens: { voip: "e5".repeat(32) } };
        const first = await acceptNew(stores.pushes, aCall({ direct: A_DIRECT_IPHONE }));

        const second = await stores.pushes.accept(anAcceptance(aCall({ direct: other })));
        const again = await stores.pushes.accept(anAcceptance(aCall({ direct: A_DIRECT_IPHONE })));

        expect(second.kind).toBe("accepted");
        expect(again).toMatchObject({ kind: "repeat", id: first.push.id });
      });

      it("lets who redials after the window ring", async () => {
        await acceptNew(stores.pushes, aCall());

        stores.clock.advance(IMPLICIT_WINDOW_MS - 1);
        const within = await stores.pushes.accept(anAcceptance(aCall()));
        stores.clock.advance(1);
        const after = await stores.pushes.accept(anAcceptance(aCall()));
        const again = await stores.pushes.accept(anAcceptance(aCall()));

        expect([within.kind, after.kind, again.kind]).toEqual(["repeat", "accepted", "repeat"]);
      });
    });
  });
}
