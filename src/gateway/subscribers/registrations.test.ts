import { describe, expect, it } from "vitest";
import { ALICE, anIphone, BOB } from "../../../test/fixtures/builders.ts";
import { createRecordingEvents } from "../../../test/fixtures/gateway-doubles.ts";
import { MemoryDeviceStore } from "../../../test/fixtures/memory-stores.ts";
import type { Device } from "../../push/device.ts";
import type { DeviceStore, RegistrationRules } from "../device-store.ts";
import { createRegistrations } from "./registrations.ts";

const NOW = 1_800_000_000_000;
const LOOSE: RegistrationRules = { uniqueDeviceIds: false, oneDevicePerSubscriber: false };

function unstamped(overrides: Partial<Device> = {}): Omit<Device, "registeredAt"> {
  const { registeredAt: _registeredAt, ...device } = anIphone(overrides);
  return device;
}

function arrange({
  devices = new MemoryDeviceStore(),
  rules = LOOSE,
}: { devices?: DeviceStore; rules?: RegistrationRules } = {}) {
  const events = createRecordingEvents();
  return { events, registrations: createRegistrations({ devices, events, clock: () => NOW, rules }) };
}

const outOfReach = () => Promise.reject(new Error("the store is out of reach"));
const BROKEN: DeviceStore = {
  register: outOfReach,
  unregister: outOfReach,
  list: outOfReach,
  findOwner: outOfReach,
  prune: outOfReach,
  replaceToken: outOfReach,
  learnEnvironment: outOfReach,
};

describe("registering a device", () => {
  it("stamps it with the time, stores it and reports it", async () => {
    const { registrations, events } = arrange();

    const { device, result } = await registrations.register(unstamped());

    expect(device).toEqual(anIphone({ registeredAt: NOW }));
    expect(result).toEqual({ created: true, displaced: [] });
    expect(await registrations.list(ALICE)).toEqual([device]);
    expect(events.log.deviceRegistered).toEqual([[device, result]]);
  });

  it("tells an app that comes again from a new one", async () => {
    const { registrations } = arrange();
    await registrations.register(unstamped());

    expect((await registrations.register(unstamped({ name: "Alice's phone" }))).result.created).toBe(false);
    expect(await registrations.list(ALICE)).toMatchObject([{ name: "Alice's phone" }]);
  });

  it("says whom the token was taken from", async () => {
    const { registrations, events } = arrange();
    await registrations.register(unstamped());

    const { result } = await registrations.register(unstamped({ subscriber: BOB, id: "second-hand" }));

    expect(result.displaced).toEqual([{ subscriber: ALICE, deviceId: "iphone" }]);
    expect(events.log.deviceRegistered[1]?.[1]).toEqual(result);
  });

  it("answers with the environment that Apple has shown before, not with the one that the app goes on naming", async () => {
    const learned = { environment: "sandbox", environmentLearnedAt: NOW - 1 } as const;
    const devices = new MemoryDeviceStore([anIphone(learned)]);
    const { registrations, events } = arrange({ devices });

    const { device } = await registrations.register(unstamped({ environment: "production" }));

    expect(device).toEqual(anIphone({ ...learned, registeredAt: NOW }));
    expect(events.log.deviceRegistered).toMatchObject([[learned, {}]]);
  });

  it("goes by the operator's rules", async () => {
    const { registrations } = arrange({ rules: { uniqueDeviceIds: false, oneDevicePerSubscriber: true } });
    await registrations.register(unstamped());

    await registrations.register(unstamped({ id: "new", tokens: { voip: "other" } }));

    expect(await registrations.list(ALICE)).toMatchObject([{ id: "new" }]);
  });
});

describe("unregistering a device", () => {
  it("is reported where there was one", async () => {
    const { registrations, events } = arrange();
    await registrations.register(unstamped());

    expect(await registrations.unregister(ALICE, "iphone")).toBe(true);
    expect(await registrations.list(ALICE)).toEqual([]);
    expect(events.log.deviceUnregistered).toEqual([[ALICE, "iphone"]]);
  });

  it("of somebody else's is not possible, and not reported", async () => {
    const { registrations, events } = arrange();
    await registrations.register(unstamped());

    expect(await registrations.unregister(BOB, "iphone")).toBe(false);
    expect(await registrations.list(ALICE)).toHaveLength(1);
    expect(events.log.deviceUnregistered).toEqual([]);
  });
});

describe("a store that does not answer", () => {
  it("becomes an answer that says to try again, and nothing is reported as done", async () => {
    const { registrations, events } = arrange({ devices: BROKEN });

    for (const asked of [
      () => registrations.register(unstamped()),
      () => registrations.unregister(ALICE, "iphone"),
      () => registrations.list(ALICE),
    ]) {
      await expect(asked()).rejects.toMatchObject({ code: "store_unavailable", details: { retryAfterSeconds: 1 } });
    }

    expect(events.names).toEqual(["storeFailed", "storeFailed", "storeFailed"]);
    expect(events.log.storeFailed.map(([what]) => what)).toEqual([
      "register a device",
      "unregister a device",
      "list devices",
    ]);
  });
});
