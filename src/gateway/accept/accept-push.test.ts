import { describe, expect, it } from "vitest";
import {
  ACCEPTED_AT,
  ALICE,
  A_DIRECT_IPHONE,
  IPHONE_TOKENS,
  LEASE_MS,
  aCall,
  aMessage,
  aPush,
  anAndroid,
  anIphone,
} from "../../../test/fixtures/builders.ts";
import { createRecordingEvents } from "../../../test/fixtures/gateway-doubles.ts";
import { MemoryPushStore, type MemoryPushStoreOptions } from "../../../test/fixtures/memory-push-store.ts";
import { tapPushStore } from "../../../test/fixtures/tapped-push-store.ts";
import { createVirtualTime } from "../../../test/fixtures/clocks.ts";
import { createAcceptPush, type AcceptPushDeps } from "./accept-push.ts";
import type { Acceptance, Lease } from "../push-store.ts";
import { StoreError } from "../store-error.ts";

function arrange(storeOptions: Partial<MemoryPushStoreOptions> = {}, overrides: Partial<AcceptPushDeps> = {}) {
  const time = createVirtualTime(ACCEPTED_AT);
  const memory = new MemoryPushStore({ clock: time.clock, devicesOf: () => [anIphone()], ...storeOptions });
  const store = tapPushStore(memory);
  const events = createRecordingEvents();
  const delivered: Lease[] = [];
  const unknown: [acceptance: Pick<Acceptance, "id" | "leaseToken">, dialect: string][] = [];
  const accept = createAcceptPush({
    store,
    devices: { list: async () => [anIphone(), anAndroid()] },
    deliver: (lease) => delivered.push(lease),
    noteUnknown: (...noted) => unknown.push(noted),
    events,
    steady: time.clock,
    isDomainEnabled: () => true,
    newCallToken: () => "secret",
    buildCallUrl: (callId, token) => `https://push.example.org/v1/calls/${callId}?token=${token}`,
    dedup: { explicitMs: 3_600_000, implicitMs: 3_000 },
    ttl: { call: 60_000, message: 86_400_000, invite: 86_400_000, groupchat: 86_400_000 },
    leaseMs: LEASE_MS,
    maxAccepting: 100,
    ...overrides,
  });
  return { accept, time, memory, store, events, delivered, unknown };
}

describe("a push to one device", () => {
  it("goes to that one alone", async () => {
    const { accept, store, delivered } = arrange();

    await accept(aMessage({ deviceId: "pixel" }), "v1");

    expect(delivered).toMatchObject([{ push: { deliveries: [{ deviceId: "pixel", provider: "fcm" }] } }]);
    expect(delivered[0]?.push.deliveries).toHaveLength(1);
    expect(store.trips).toEqual(["accept"]);
  });

  it.each(["tablet", "iphone"])("is refused where the callee has no %s that it can go to", async (deviceId) => {
    const { accept } = arrange(
      {},
      { devices: { list: async () => [anIphone({ tokens: { voip: IPHONE_TOKENS.voip } })] } },
    );

    await expect(accept(aMessage({ deviceId }), "v1")).rejects.toMatchObject({
      code: "no_device",
      message: expect.stringContaining(`no device ${deviceId}`),
      details: { field: "device" },
    });
  });

  it("is another one than that to the next device, under the same key too", async () => {
    const { accept } = arrange();

    const first = await accept(aMessage({ deviceId: "pixel", pushId: "key" }), "v1");
    const second = await accept(aMessage({ deviceId: "iphone", pushId: "key" }), "v1");
    const again = await accept(aMessage({ deviceId: "pixel", pushId: "key" }), "v1");

    expect([first.kind, second.kind, again.kind]).toEqual(["accepted", "accepted", "repeat"]);
  });
});

describe("a push that is accepted", () => {
  it("is stored in one round trip, answered, and delivered under the lease that came with it", async () => {
    const { accept, memory, store, delivered } = arrange();

    const receipt = await accept(aCall(), "v1");

    expect(receipt).toEqual({ kind: "accepted", id: "push-1", state: "pending" });
    expect(store.trips).toEqual(["accept"]);
    expect(delivered).toMatchObject([{ push: { id: "push-1" }, endsAt: ACCEPTED_AT + LEASE_MS }]);
    expect(await memory.get("push-1")).toMatchObject({ state: "pending", deadline: ACCEPTED_AT + 60_000 });
  });

  it("is reported once, with the door that it came through", async () => {
    const { accept, events } = arrange();

    await accept(aCall(), "sipwise");

    expect(events.names).toEqual(["accepted"]);
    expect(events.log.accepted).toMatchObject([[{ id: "push-1" }, "sipwise"]]);
  });
});

describe("a store that does not keep up", () => {
  it("makes the gateway refuse at once what is too much, until it has answered", async () => {
    const { accept, store } = arrange({}, { maxAccepting: 1 });
    const slow = store.hold("accept");
    const first = accept(aCall({ callId: "1" }), "v1");

    await expect(accept(aCall({ callId: "2" }), "v1")).rejects.toMatchObject({
      code: "queue_full",
      details: { bound: "accepting", retryAfterSeconds: 1 },
    });
    slow.release();
    await first;

    expect(await accept(aCall({ callId: "3" }), "v1")).toMatchObject({ kind: "accepted" });
  });
});

describe("a push that came before", () => {
  it("is answered with the first one's id and state, and not delivered again", async () => {
    const { accept, events, delivered } = arrange();
    await accept(aMessage(), "v1");

    const receipt = await accept(aMessage(), "sipwise");

    expect(receipt).toEqual({ kind: "repeat", id: "push-1", state: "pending" });
    expect(delivered).toHaveLength(1);
    expect(events.log.repeated).toEqual([["push-1", aMessage(), "sipwise"]]);
    expect(events.log.accepted).toHaveLength(1);
  });

  it("rings again when the caller redials after the window", async () => {
    const { accept, time, delivered } = arrange();
    await accept(aCall(), "v1");
    await time.advance(2_999);
    expect(await accept(aCall(), "v1")).toMatchObject({ kind: "repeat" });
    await time.advance(1);

    expect(await accept(aCall(), "v1")).toMatchObject({ kind: "accepted" });
    expect(delivered).toHaveLength(2);
  });

  it("is refused where the same push_id names another content", async () => {
    const { accept, delivered } = arrange();
    await accept(aMessage(), "v1");

    const second = accept(aMessage({ data: { message: "another one" } }), "v1");

    await expect(second).rejects.toMatchObject({
      code: "key_reused",
      details: { field: "push_id", pushId: "push-1" },
    });
    expect(delivered).toHaveLength(1);
  });
});

describe("a push that nobody wants", () => {
  it("is answered as suppressed where the subscriber has switched pushes off", async () => {
    const { accept, events, delivered } = arrange({ effective: { mobile_push_enable: "never" } });

    const receipt = await accept(aCall(), "v1");

    expect(receipt).toEqual({ kind: "suppressed", id: "push-1", reason: "push_disabled" });
    expect(delivered).toEqual([]);
    expect(events.log.suppressed).toEqual([["push-1", aCall(), "push_disabled", "v1"]]);
  });

  it("is refused with the way to mend it where the subscriber has no device", async () => {
    const { accept, events, delivered } = arrange({ devicesOf: () => [] });

    const accepted = accept(aCall(), "v1");

    await expect(accepted).rejects.toMatchObject({
      code: "no_device",
      message: expect.stringContaining(`PUT /v1/subscribers/${ALICE}/devices/`),
      details: { field: "callee", pushId: "push-1" },
    });
    expect(delivered).toEqual([]);
    expect(events.log.suppressed).toEqual([["push-1", aCall(), "no_device", "v1"]]);
  });

  it("is refused where the request names a phone that cannot take it", async () => {
    const direct = { ...A_DIRECT_IPHONE, tokens: { voip: IPHONE_TOKENS.voip } };
    const { accept, delivered } = arrange();

    const accepted = accept(aMessage({ direct }), "flexisip");

    await expect(accepted).rejects.toMatchObject({ code: "no_device", details: { field: "token" } });
    expect(delivered).toEqual([]);
  });

  it("never reaches the store where the domain is switched off", async () => {
    const asked: string[] = [];
    const { accept, store, events, delivered } = arrange({}, { isDomainEnabled: (domain) => asked.push(domain) === 0 });

    await expect(accept(aCall(), "v1")).rejects.toMatchObject({
      code: "domain_disabled",
      details: { field: "domain" },
    });

    expect(asked).toEqual(["example.org"]);
    expect(store.trips).toEqual([]);
    expect(delivered).toEqual([]);
    expect(events.log.suppressed).toEqual([[undefined, aCall(), "domain_disabled", "v1"]]);
  });
});

describe("a push that there is no place for", () => {
  it("is refused with the time to wait where the queue is full", async () => {
    const { accept, events, delivered } = arrange({ limits: { pushes: 0 } });

    await expect(accept(aCall(), "v1")).rejects.toMatchObject({
      code: "queue_full",
      details: { retryAfterSeconds: 1 },
    });
    expect(delivered).toEqual([]);
    expect(events.log.accepted).toEqual([]);
  });

  it.each([
    ["messages", { pushes: 4, messagesPercent: 25 }, "store.messages_percent"],
    ["domain", { pushes: 4, domainPercent: 25 }, "example.org"],
    ["callee", { calleePushes: 1 }, "alice@example.org"],
  ] as const)("is refused with the bound that has no room for it (%s)", async (bound, limits, named) => {
    const { accept } = arrange({ limits });
    await accept(aMessage(), "v1");

    const refused = await accept(aMessage({ pushId: "another" }), "v1").catch((error: unknown) => error);

    expect(refused).toMatchObject({ code: "queue_full", details: { bound } });
    expect(refused).toHaveProperty("message", expect.stringContaining(named));
  });

  it("is refused with the time to wait where the store does not answer, and can be asked for again", async () => {
    const { accept, store, events, delivered } = arrange();
    store.fail("accept");

    const refused = await accept(aMessage(), "v1").catch((error: unknown) => error);

    expect(refused).toMatchObject({ code: "acceptance_unknown", details: { retryAfterSeconds: 1 } });
    expect(refused).toHaveProperty("cause.message", "the store is out of reach");
    expect(delivered).toEqual([]);
    expect(events.names).toEqual(["storeFailed"]);
    expect(await accept(aMessage(), "v1")).toMatchObject({ kind: "accepted" });
  });

  it("is noted where the store may have it all the same", async () => {
    const { accept, store, memory, unknown } = arrange();
    store.loseAnswer("accept");

    await expect(accept(aMessage(), "sipwise")).rejects.toMatchObject({ code: "acceptance_unknown" });

    expect(unknown).toMatchObject([[{ id: "push-1" }, "sipwise"]]);
    const token = unknown[0]?.[0].leaseToken ?? "";
    const push = aPush({ id: "push-1" });
    expect(await memory.renew([{ push, token }], LEASE_MS)).toMatchObject({ kept: new Set([token]) });
    expect(await memory.get("push-1")).toMatchObject({ state: "pending" });
  });

  it.each([
    ["silent", "did not say in time"],
    ["failed", "failed midway"],
    ["not_replicated", "too few of its replicas"],
  ] as const)("is refused with the reason why nobody knows whether the store has it (%s)", async (doubt, said) => {
    const inDoubt = new (class extends StoreError {
      readonly isUndone = false;
      override readonly doubt = doubt;
    })("it went wrong");
    const { accept } = arrange({}, { store: { newId: () => "push-1", accept: () => Promise.reject(inDoubt) } });

    const refused = accept(aMessage(), "v1");

    await expect(refused).rejects.toMatchObject({ code: "acceptance_unknown", message: expect.stringContaining(said) });
  });

  it("is refused for certain where the store says that it did nothing", async () => {
    const undone = new (class extends StoreError {
      readonly isUndone = true;
    })("no disk");
    const { accept, unknown } = arrange({}, { store: { newId: () => "push-1", accept: () => Promise.reject(undone) } });

    await expect(accept(aMessage(), "v1")).rejects.toMatchObject({ code: "store_unavailable", cause: undone });

    expect(unknown).toEqual([]);
  });
});
