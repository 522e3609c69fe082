import { describe, expect, it } from "vitest";
import { aMessage, aPush, anAndroid, anIphone } from "../../../test/fixtures/builders.ts";
import { createScriptedProvider, DELIVERED } from "../../../test/fixtures/gateway-doubles.ts";
import { createManualClock } from "../../../test/fixtures/clocks.ts";
import { buildAor } from "../../push/address.ts";
import type { Push } from "../../push/push.ts";
import type { FindProvider } from "../push-provider.ts";
import { DeliverySlots } from "./delivery-slots.ts";

function arrange({ inFlight = 16, retries = 16 } = {}) {
  const clock = createManualClock();
  // Each provider has an app for each domain.
  const findProvider: FindProvider = (domain, provider) => ({
    ...createScriptedProvider(DELIVERED),
    app: `${domain}/${provider}`,
  });
  const slots = new DeliverySlots({ inFlight, retries, findProvider, clock });
  const enter = (push: Push) => push.deliveries.map((delivery) => slots.enter(push, delivery));
  const fill = (push: Push): number => {
    for (let taken = 0; ; taken += 1) {
      if (!slots.admits(push)) return taken;
      enter(push);
    }
  };
  return { clock, slots, enter, fill };
}

const callTo = (domain: string, ...devices: Parameters<typeof aPush>[1] & object) => {
  const push = aPush({}, devices.length === 0 ? [anIphone()] : devices);
  return { ...push, request: { ...push.request, callee: buildAor("alice", domain) } };
};

describe("in-flight slots", () => {
  it("are never all with one app", () => {
    const { slots, fill } = arrange();

    const taken = fill(callTo("sick.org"));

    expect(taken).toBe(6);
    expect(slots.freeSlots).toBe(10);
    expect(slots.admits(callTo("example.org"))).toBe(true);
    expect(slots.admits(aPush({ request: aMessage({ callee: buildAor("alice", "sick.org") }) }))).toBe(true);
  });

  it("take up a push of which one phone finds a hand, so that no other keeps it waiting", () => {
    const { slots, fill } = arrange();
    fill(callTo("sick.org", anAndroid()));

    expect(slots.admits(callTo("sick.org", anAndroid()))).toBe(false);
    expect(slots.admits(callTo("sick.org", anAndroid(), anIphone()))).toBe(true);
  });

  it("are free again when a delivery has ended", () => {
    const { slots, enter } = arrange({ inFlight: 1 });
    const [place] = enter(callTo("example.org"));
    expect(slots.admits(callTo("example.org"))).toBe(false);

    place?.leave();

    expect(slots.admits(callTo("example.org"))).toBe(true);
  });
});

describe("retry slots", () => {
  it("leave the hand to others for the time of the wait", async () => {
    const { slots, enter } = arrange({ inFlight: 1 });
    const [place] = enter(callTo("example.org"));
    let whileWaiting = -1;

    const answer = await place?.wait(async () => void (whileWaiting = slots.freeSlots));

    expect(answer).toBeUndefined();
    expect(whileWaiting).toBe(1);
    expect(slots.freeSlots).toBe(0);
  });

  it("are never all with one app; who finds none is told when to come back", async () => {
    const { clock, enter, slots } = arrange({ inFlight: 1_000, retries: 16 });
    const { promise: long, resolve: end } = Promise.withResolvers<void>();
    const sit = async (domain: string, work = () => Promise.resolve()) => enter(callTo(domain))[0]?.wait(work);
    const waits = Array.from({ length: 7 }, () => sit("sick.org", () => long));

    expect(await waits[6]).toBe(clock() + 500);
    expect(slots.isCrowded).toBe(true);
    expect(await sit("example.org")).toBeUndefined();
    end();
    expect(await Promise.all(waits.slice(0, 6))).toEqual(Array.from({ length: 6 }, () => undefined));
  });
});

it("is crowded until the last of those that had to go has come back", () => {
  const { clock, slots } = arrange();
  const at = [slots.requeueAt(callTo("sick.org")), slots.requeueAt(callTo("sick.org"))];

  expect(at).toEqual([clock() + 500, clock() + 501]);
  clock.advance(500);
  expect(slots.isCrowded).toBe(true);
  clock.advance(1);

  expect(slots.isCrowded).toBe(false);
});
