import { describe, expect, it } from "vitest";
import {
  ALICE,
  ANDROID_TOKEN,
  anAndroid,
  anIphone,
  aRingingCall,
  IPHONE_TOKENS,
} from "../../../test/fixtures/builders.ts";
import { createRecordingEvents } from "../../../test/fixtures/gateway-doubles.ts";
import { MemoryCallBook, MemoryDeviceStore } from "../../../test/fixtures/memory-stores.ts";
import type { Device } from "../../push/device.ts";
import { createCalls } from "../calls/calls.ts";
import type { ContactReading } from "../contact-reading.ts";
import { createRegistrations } from "./registrations.ts";
import { createTakeRegister } from "./relayed-registers.ts";

const RULES = { uniqueDeviceIds: false, oneDevicePerSubscriber: false };
const URI = "sip:alice@192.0.2.7";
const phone = { provider: "apns", tokens: IPHONE_TOKENS, environment: "production" } as const;
const CONTACT: ContactReading = {
  kind: "phone",
  binding: { uri: URI, deviceId: "urn:uuid:1", name: "Linphone" },
  phone,
};

async function arrange(readings: readonly ContactReading[], known: readonly Device[] = []) {
  const devices = new MemoryDeviceStore();
  for (const device of known) await devices.register(device, RULES);
  const book = new MemoryCallBook();
  book.begin(aRingingCall());
  const events = createRecordingEvents();
  const clock = () => 9_000;
  const calls = createCalls({
    book,
    waits: { begin: (key) => ({ outcome: book.get(key), end: () => undefined }) },
    withdraw: async () => undefined,
    identifyPhone: async () => ({ candidates: new Set() }),
    tellPhones: async () => undefined,
    events,
    clock,
  });
  const registrations = createRegistrations({ devices, events, clock, rules: RULES });
  const wakes: unknown[] = [];
  const take = createTakeRegister({
    readContacts: () => readings,
    registrations,
    calls,
    wakes: {
      bound: async (...bound) => void wakes.push(["bound", ...bound]),
      unbound: async (...unbound) => void wakes.push(["unbound", ...unbound]),
    },
    events,
    clock,
  });
  const outcome = await take(ALICE, { contact: "as it came" });
  const [call] = await book.find(aRingingCall().id);
  return { outcome, call, devices: await devices.list(ALICE), wakes, events };
}

describe("a relayed REGISTER", () => {
  it("teaches a new phone, and ends the wait of a ringing call with it", async () => {
    const { outcome, call, devices } = await arrange([CONTACT]);

    expect(outcome).toEqual({
      contacts: [{ change: "registered", uri: URI, deviceId: "urn:uuid:1" }],
      calls: [aRingingCall().id],
    });
    expect(devices).toMatchObject([{ id: "urn:uuid:1", tokens: IPHONE_TOKENS, name: "Linphone", registeredAt: 9_000 }]);
    expect(call).toMatchObject({
      state: "registered",
      registrations: [{ at: 9_000, contact: URI, deviceId: "urn:uuid:1", provider: "apns" }],
    });
  });

  it("refreshes the phone that has the token, under the name that the app gave it", async () => {
    const { outcome, call, devices } = await arrange([CONTACT], [anIphone({ name: "Alice's iPhone" }), anAndroid()]);

    expect(outcome.contacts).toMatchObject([{ change: "refreshed", deviceId: "iphone" }]);
    expect(devices.map(({ id }) => id).toSorted()).toEqual(["iphone", "pixel"]);
    expect(call?.registrations).toMatchObject([{ deviceId: "iphone" }]);
  });

  it("of a phone that leaves removes it by its token, and is no arrival", async () => {
    const { outcome, call, devices } = await arrange(
      [{ kind: "removed", binding: { uri: URI, deviceId: "token-1" }, phone }],
      [anIphone(), anAndroid()],
    );

    expect(outcome).toEqual({ contacts: [{ change: "removed", uri: URI, deviceId: "token-1" }], calls: [] });
    expect(devices.map(({ id }) => id)).toEqual(["pixel"]);
    expect(call?.state).toBe("ringing");
  });

  it("tells how long the phone is bound, by the name that it is known under, and that it has left", async () => {
    const binding = { uri: URI, deviceId: "urn:uuid:1", expires: 600 };
    const bound = await arrange([{ kind: "phone", binding, phone }], [anIphone()]);
    const left = await arrange([{ kind: "removed", binding: { uri: URI }, phone }], [anIphone()]);
    const unknown = await arrange([{ kind: "removed", binding: { uri: URI }, phone }], []);

    expect(bound.wakes).toEqual([["bound", ALICE, "iphone", binding]]);
    expect(left.wakes).toEqual([["unbound", ALICE, "iphone"]]);
    expect(unknown.wakes).toEqual([]);
  });

  it("that clears all bindings leaves the phones as they are: softphones do so when they start", async () => {
    const { outcome, devices } = await arrange([{ kind: "all_removed" }], [anIphone()]);

    expect(outcome).toEqual({ contacts: [{ change: "none" }], calls: [] });
    expect(devices).toHaveLength(1);
  });

  it("without a token is an arrival, of the only phone if there is one", async () => {
    const reading = { kind: "without_push", binding: { uri: URI } } as const;

    const one = await arrange([reading], [anAndroid()]);
    const two = await arrange([reading], [anAndroid(), anIphone()]);

    expect(one.call?.registrations).toMatchObject([{ deviceId: "pixel", provider: "fcm" }]);
    expect(two.call).toMatchObject({ state: "registered", registrations: [{ contact: URI }] });
    expect(two.call?.registrations[0]).not.toHaveProperty("deviceId");
  });

  it("whose push parameters cannot be read says so, and does not lose the call", async () => {
    const problem = { trouble: "no_token", reason: "pn-prid is missing" } as const;
    const { outcome, call, events } = await arrange([{ kind: "unreadable", ...problem }], [anAndroid()]);

    expect(outcome.contacts).toEqual([{ change: "none", problem }]);
    expect(call?.state).toBe("registered");
    expect(call?.history.at(-1)).toMatchObject({ event: "registered", problem: "pn-prid is missing" });
    expect(events.log.contactNotLearned).toEqual([[ALICE, problem]]);
  });

  it("of a phone with a push service that is not served ends the wait with its URI", async () => {
    const problem = { trouble: "unknown_provider", reason: '"acme" is not supported' } as const;
    const { outcome, call } = await arrange([{ kind: "unreadable", ...problem, binding: { uri: URI } }]);

    expect(outcome.contacts).toEqual([{ change: "none", uri: URI, problem: { ...problem, uri: URI } }]);
    expect(call).toMatchObject({ state: "registered", registrations: [{ contact: URI }] });
  });

  it("with several contacts teaches them all", async () => {
    const second = { provider: "fcm", tokens: { registration: ANDROID_TOKEN }, environment: "production" } as const;
    const { outcome, call } = await arrange([
      CONTACT,
      { kind: "phone", binding: { uri: "sip:alice@192.0.2.8", deviceId: "urn:uuid:2" }, phone: second },
    ]);

    expect(outcome.contacts.map(({ change }) => change)).toEqual(["registered", "registered"]);
    expect(call?.registrations.map(({ deviceId }) => deviceId)).toEqual(["urn:uuid:1", "urn:uuid:2"]);
  });
});
