import { describe, expect, it } from "vitest";
import {
  ACCEPTED_AT,
  ALICE,
  IPHONE_TOKENS,
  aPush,
  aRingingCall,
  anAndroid,
  anIphone,
} from "../../../test/fixtures/builders.ts";
import { createRecordingEvents } from "../../../test/fixtures/gateway-doubles.ts";
import { MemoryPushStore } from "../../../test/fixtures/memory-push-store.ts";
import { tapPushStore } from "../../../test/fixtures/tapped-push-store.ts";
import { listEndPushIds } from "../../push/call-end.ts";
import type { Call } from "../../push/call.ts";
import type { Device } from "../../push/device.ts";
import type { Delivery } from "../../push/push.ts";
import { chooseTargets } from "../../push/targets.ts";
import type { Lease } from "../push-store.ts";
import { createTellPhones } from "./tell-phones.ts";

const PHONES = [anIphone(), anAndroid()];

function rang(devices: readonly Device[], overrides: Partial<Delivery> = {}): Delivery[] {
  return chooseTargets("call", devices).map((target) => ({ ...target, state: "delivered", attempts: 1, ...overrides }));
}

function arrange(
  deliveries: readonly Delivery[],
  { known = PHONES, reason }: { known?: Device[]; reason?: string } = {},
) {
  let now = ACCEPTED_AT;
  const memory = new MemoryPushStore({ clock: () => now });
  const push = aPush({ deliveries, ...(reason === undefined ? {} : { reason }) });
  memory.enqueue(push);
  const store = tapPushStore(memory);
  const events = createRecordingEvents();
  const sent: Lease[] = [];
  const unknown: [id: string, dialect: string][] = [];
  const tell = createTellPhones({
    store: { accept: (acceptance) => store.accept(acceptance), get: (id) => memory.get(id) },
    devices: { list: async () => known },
    deliver: (lease) => sent.push(lease),
    noteUnknown: ({ id }, dialect) => unknown.push([id, dialect]),
    steady: () => now,
    events,
    dedup: { explicitMs: 600_000, implicitMs: 3_000 },
    ttl: { call: 60_000, message: 86_400_000, invite: 86_400_000, groupchat: 86_400_000 },
    leaseMs: 4_000,
  });
  const tellOf = (call: Partial<Call>, mayHaveEnded?: ReadonlySet<string>) =>
    tell(aRingingCall({ pushIds: [push.id], ...call }), mayHaveEnded);
  const reached = () =>
    sent.flatMap(({ push: { request, deliveries: to } }) =>
      to.map(({ deviceId, tokenKind, token }) => ({ deviceId, tokenKind, token, silent: request.silent })),
    );
  return { tellOf, sent, unknown, reached, store, events, push, advance: (ms: number) => (now += ms) };
}

describe("phones that ring in vain", () => {
  it("are told, an iPhone by its ordinary token and in the background: never by a VoIP push", async () => {
    const { tellOf, sent, reached } = arrange(rang(PHONES));

    await tellOf({ state: "cancelled" });

    expect(reached()).toMatchObject([
      { deviceId: "iphone", tokenKind: "remote", token: IPHONE_TOKENS.remote, silent: true },
      { deviceId: "pixel", tokenKind: "registration", silent: true },
    ]);
    expect(sent[0]?.push).toMatchObject({
      request: { kind: "call_end", callee: ALICE, data: { event: "cancelled" } },
      deadline: ACCEPTED_AT + 60_000,
    });
  });

  it("have their alert replaced where they rang by one", async () => {
    const known = [anIphone({ tokens: { remote: IPHONE_TOKENS.remote } }), anAndroid()];
    const { tellOf, reached } = arrange(rang(known), { known });

    await tellOf({ state: "missed" });

    expect(reached()).toMatchObject([
      { deviceId: "iphone", silent: false },
      { deviceId: "pixel", silent: true },
    ]);
  });

  it("are not those that may have answered", async () => {
    const { tellOf, reached } = arrange(rang(PHONES));

    await tellOf({ state: "answered" }, new Set(["pixel"]));

    expect(reached().map(({ deviceId }) => deviceId)).toEqual(["iphone"]);
  });

  it("are not the one that took the call, nor those that were never sent anything", async () => {
    const [iphone, pixel] = rang(PHONES);
    if (iphone === undefined || pixel === undefined) throw new Error("there have to be two phones");
    const untouched = { ...pixel, deviceId: "tablet", state: "cancelled", attempts: 0 } as const;
    const { tellOf, reached } = arrange([iphone, pixel, untouched]);

    await tellOf({ state: "answered", endedBy: "iphone" });

    expect(reached()).toMatchObject([{ deviceId: "pixel" }]);
  });

  it("may be those that somebody was about to wake when the call ended", async () => {
    const { tellOf, reached } = arrange(rang(PHONES, { state: "cancelled", attempts: 0 }), {
      reason: "cancelled_in_flight",
    });

    await tellOf({ state: "declined" });

    expect(reached()).toHaveLength(2);
  });

  it("are told once, however often the end is said, and however late", async () => {
    const { tellOf, sent, events, advance } = arrange(rang(PHONES));

    await tellOf({ state: "cancelled" });
    await tellOf({ state: "cancelled" });
    advance(3_600_000);
    await tellOf({ state: "cancelled" });

    expect(sent).toHaveLength(1);
    expect(events.names).toEqual(["accepted"]);
  });

  it("are told by pushes that are found from the call", async () => {
    const known = [anIphone({ tokens: { remote: IPHONE_TOKENS.remote } }), anAndroid()];
    const { tellOf, sent, push } = arrange(rang(known), { known });

    await tellOf({ state: "missed" });

    const ended = aRingingCall({ pushIds: [push.id], state: "missed" });
    expect(sent.map((lease) => lease.push.id)).toEqual(listEndPushIds(ended));
  });

  it("are left alone while the call goes on, and where nobody was woken", async () => {
    const { tellOf, store } = arrange(rang(PHONES));

    await tellOf({ state: "registered" });
    await tellOf({ state: "unreachable" });

    expect(store.trips).toEqual([]);
  });

  it("stay as they are where the store fails: the call has ended all the same", async () => {
    const { tellOf, store, events } = arrange(rang(PHONES));
    store.fail("accept");

    await tellOf({ state: "cancelled" });

    expect(events.names).toEqual(["storeFailed"]);
  });
});

it("notes the push of a call's end if the store does not say whether it has it", async () => {
  const { tellOf, sent, unknown, store } = arrange(rang([anAndroid()]));
  store.loseAnswer("accept");

  await tellOf({ state: "cancelled", door: "sipwise" });

  expect(sent).toEqual([]);
  expect(unknown).toEqual([[expect.any(String), "sipwise"]]);
});
