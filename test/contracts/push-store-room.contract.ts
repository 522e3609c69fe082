import { afterEach, describe, expect, it } from "vitest";
import type { PushStore } from "../../src/gateway/push-store.ts";
import { buildAor } from "../../src/push/address.ts";
import type { PushRequest } from "../../src/push/push.ts";
import type { QueueLimits } from "../../src/push/queue-room.ts";
import { A_DIRECT_IPHONE, aCall, aMessage, ALICE, BOB } from "../fixtures/builders.ts";
import {
  acceptNew,
  anAcceptance,
  delivered,
  LEASE_MS,
  type StoreFixture,
  type StoreFixtureOptions,
} from "./store-fixture.ts";

type QueueFixture = AsyncDisposable & Pick<StoreFixture, "clock" | "pushes" | "otherWorker">;
type OpenQueue = (options: StoreFixtureOptions) => Promise<QueueFixture>;

const STRANGER = buildAor("carol", "other.example");
const CHARLIE = buildAor("charlie", "example.org");

let last = 0;

/** A new message or call to a phone that needs no registration. */
function messageTo(callee = ALICE, overrides: Partial<PushRequest> = {}): PushRequest {
  return aMessage({ callee, pushId: `push-${(last += 1)}`, direct: A_DIRECT_IPHONE, ...overrides });
}

function callTo(callee = ALICE, overrides: Partial<PushRequest> = {}): PushRequest {
  return aCall({ callee, pushId: `push-${(last += 1)}`, direct: A_DIRECT_IPHONE, ...overrides });
}

async function fill(store: PushStore, count: number, build: () => PushRequest) {
  const leases = [];
  for (let index = 0; index < count; index += 1) leases.push(await acceptNew(store, build()));
  return leases;
}

async function ask(store: PushStore, request: PushRequest): Promise<string> {
  const result = await store.accept(anAcceptance(request));
  return result.kind === "full" ? `full: ${result.bound}` : result.kind;
}

const direct = delivered("direct");

/** The PushStore contract about room in the queue: who may fill it, and that ended pushes free it. */
export function describeQueueRoom(name: string, open: OpenQueue): void {
  describe(`PushStore's queue: ${name}`, () => {
    const opened: QueueFixture[] = [];
    const arrange = async (limits: Partial<QueueLimits>): Promise<QueueFixture> => {
      const stores = await open({ limits });
      opened.push(stores);
      return stores;
    };
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((stores) => stores[Symbol.asyncDispose]()));
    });

    describeBounds(arrange);
    describeReturns(arrange);
  });
}

type Arrange = (limits: Partial<QueueLimits>) => Promise<QueueFixture>;

function describeBounds(arrange: Arrange): void {
  it("keeps a part of the queue for calls, and for what is about calls", async () => {
    const { pushes, otherWorker } = await arrange({ pushes: 8, messagesPercent: 75 });
    await fill(pushes, 6, messageTo);

    const end = messageTo(ALICE, { kind: "call_end", silent: true, data: { event: "cancelled" }, aps: {} });
    expect(await ask(otherWorker, messageTo(STRANGER))).toBe("full: messages");
    expect(await ask(otherWorker, messageTo(BOB, { kind: "invite" }))).toBe("full: messages");
    expect(await ask(otherWorker, callTo(STRANGER))).toBe("accepted");
    expect(await ask(otherWorker, end)).toBe("accepted");
    expect(await ask(pushes, callTo())).toBe("full: queue");
    expect(await pushes.use()).toEqual({ queue: 1, messages: 1, domain: 1 });
  });

  it("lets calls fill all that messages leave", async () => {
    const { pushes } = await arrange({ pushes: 8, messagesPercent: 75 });
    await fill(pushes, 5, callTo);
    await fill(pushes, 3, messageTo);

    expect(await ask(pushes, messageTo())).toBe("full: queue");
  });

  it("gives one domain its part alone", async () => {
    const { pushes, otherWorker } = await arrange({ pushes: 8, domainPercent: 50, messagesPercent: 75 });
    await fill(pushes, 2, () => messageTo(ALICE));
    await fill(pushes, 1, () => messageTo(BOB));

    expect(await ask(otherWorker, messageTo(CHARLIE))).toBe("full: domain");
    expect(await ask(otherWorker, callTo(CHARLIE))).toBe("accepted");
    expect(await ask(otherWorker, callTo(CHARLIE))).toBe("full: domain");
    expect(await ask(otherWorker, messageTo(STRANGER))).toBe("accepted");
    expect(await pushes.use()).toEqual({ queue: 5 / 8, messages: 4 / 6, domain: 1 });
  });

  it("gives one callee so many alone", async () => {
    const { pushes, otherWorker } = await arrange({ pushes: 1_600, calleePushes: 4, messagesPercent: 75 });
    await fill(pushes, 3, messageTo);

    expect(await ask(otherWorker, messageTo())).toBe("full: callee");
    expect(await ask(otherWorker, callTo())).toBe("accepted");
    expect(await ask(otherWorker, callTo())).toBe("full: callee");
    expect(await ask(otherWorker, messageTo(BOB))).toBe("accepted");
  });

  it("takes a stranger's call while a small part of the queue is used, whoever has filled it", async () => {
    const { pushes } = await arrange({ pushes: 1_600, calleePushes: 1_000, messagesPercent: 75, domainPercent: 75 });
    await fill(pushes, 100, messageTo);

    for (let user = 0; user < 16; user += 1) {
      expect(await ask(pushes, callTo(buildAor(`stranger${user}`, "other.example")))).toBe("accepted");
    }
  });

  it("counts bytes as it counts pushes", async () => {
    const text = "ü".repeat(2_000);
    const { pushes } = await arrange({ bytes: 16_000, messagesPercent: 75, domainPercent: 50 });
    await fill(pushes, 1, () => messageTo(STRANGER, { data: { text } }));
    expect(await ask(pushes, messageTo(STRANGER, { data: { text } }))).toBe("accepted");

    expect(await ask(pushes, messageTo(STRANGER))).toBe("full: domain");
    expect(await ask(pushes, messageTo(ALICE, { data: { text } }))).toBe("accepted");
    expect(await ask(pushes, messageTo(ALICE))).toBe("full: messages");
    expect(await ask(pushes, callTo(ALICE))).toBe("accepted");
  });
}

function describeReturns(arrange: Arrange): void {
  it("gives back the bytes of a push that has ended while others wait", async () => {
    const text = "x".repeat(4_000);
    const { pushes } = await arrange({ bytes: 8_000 });
    const [first] = await fill(pushes, 2, () => callTo(ALICE, { data: { text } }));
    const refused = await ask(pushes, callTo(ALICE, { data: { text } }));

    await pushes.settle(first!, [direct]);

    expect(refused).toBe("full: queue");
    expect(await ask(pushes, callTo(ALICE, { data: { text } }))).toBe("accepted");
  });

  it.each([
    ["messages", { pushes: 8, messagesPercent: 25 }],
    ["domain", { pushes: 8, domainPercent: 25 }],
    ["callee", { calleePushes: 2 }],
  ] as const)("gives back the room of each end (%s)", async (bound, limits) => {
    const { pushes, otherWorker, clock } = await arrange(limits);
    const isFull = async () => (await ask(otherWorker, messageTo())) === `full: ${bound}`;

    for (let round = 0; round < 2; round += 1) {
      const [settled, cancelled] = await fill(pushes, 2, messageTo);
      expect(await isFull()).toBe(true);
      await pushes.settle(settled!, [direct]);
      await pushes.settle(settled!, [direct]);
      await otherWorker.cancel({ id: cancelled!.push.id });
      await otherWorker.cancel({ id: cancelled!.push.id });
      await pushes.settle(cancelled!, [direct]);
    }
    const [handedBack, failed] = await fill(pushes, 2, messageTo);
    await pushes.settle(handedBack!, [], clock());
    const { leases } = await otherWorker.lease({ limit: 10, leaseMs: LEASE_MS });
    expect(await isFull()).toBe(true);
    await otherWorker.settle(leases[0]!, [direct]);
    await pushes.settle(failed!, [{ deviceId: "direct", state: "failed", attempts: 1, reason: "BadDeviceToken" }]);
    await pushes.dropDeadLetter(failed!.push.id);
    clock.advance(24 * 3_600_000);
    await pushes.forgetEnded(0);

    expect(await pushes.use()).toEqual({ queue: 0, messages: 0, domain: 0 });
    await fill(pushes, 2, messageTo);
    expect(await isFull()).toBe(true);
  });

  it("takes no room for what is refused, repeated or suppressed", async () => {
    const { pushes } = await arrange({ pushes: 2 });
    const request = messageTo();
    await acceptNew(pushes, request);

    expect(await ask(pushes, request)).toBe("repeat");
    expect(await ask(pushes, aMessage({ callee: BOB, pushId: "nobody there" }))).toBe("suppressed");
    expect(await ask(pushes, messageTo(STRANGER))).toBe("accepted");
    expect(await ask(pushes, messageTo(STRANGER))).toBe("full: queue");
    expect((await pushes.use()).queue).toBe(1);
  });
}
