import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ALICE, aRingingCall, BOB } from "../../../test/fixtures/builders.ts";
import { createRecordingEvents } from "../../../test/fixtures/gateway-doubles.ts";
import { MemoryCallBook } from "../../../test/fixtures/memory-stores.ts";
import { isCallEnded, type Call, type CallEvent } from "../../push/call.ts";
import { createCalls } from "./calls.ts";

const CALL = aRingingCall();
const NOW = 10_000;

function arrange(...calls: readonly Call[]) {
  const book = new MemoryCallBook();
  for (const call of calls) book.begin(call);
  const events = createRecordingEvents();
  const done: string[] = [];
  let now = NOW;
  const use = createCalls({
    book,
    waits: { begin: (key) => ({ outcome: book.get(key), end: () => undefined }) },
    withdraw: async (id) => void done.push(`withdraw ${id}`),
    tellPhones: async ({ state }, mayHaveEnded = new Set()) =>
      void done.push([`tell ${state}`, ...mayHaveEnded].join(" but not ")),
    identifyPhone: async (_call, contact) =>
      contact.includes("192.0.2.7")
        ? { deviceId: "iphone", candidates: new Set(["iphone"]) }
        : { candidates: new Set(["pixel"]) },
    events,
    clock: () => now,
  });
  return { use, book, events, done, advance: (ms: number) => (now += ms) };
}

const CANCELLED: CallEvent = { kind: "cancelled" };

describe("the end of a call", () => {
  it("withdraws the push, is written, and is told to the phones, in this order", async () => {
    const { use, book, events, done } = arrange(CALL);
    const replace = book.replace.bind(book);
    book.replace = async (before, after) => {
      done.push(`write ${after.state}`);
      return replace(before, after);
    };

    const [call] = await use.hear({ id: CALL.id }, CANCELLED);

    expect(call).toMatchObject({ state: "cancelled", endedAt: NOW });
    expect(done).toEqual([`withdraw ${CALL.pushIds[0]}`, "write cancelled", "tell cancelled"]);
    expect(events.names).toEqual(["callChanged"]);
  });

  it("withdraws every push that rings for it", async () => {
    const { use, done } = arrange(aRingingCall({ pushIds: ["of the iPhone", "of the Pixel"] }));

    await use.hear({ id: CALL.id }, CANCELLED);

    expect(done).toEqual(["withdraw of the iPhone", "withdraw of the Pixel", "tell cancelled"]);
  });

  it("is not told to phones that the platform tells itself", async () => {
    const { use, done } = arrange(CALL);

    await use.hear({ id: CALL.id }, CANCELLED, { areTold: true });

    expect(done).toEqual([`withdraw ${CALL.pushIds[0]}`]);
  });

  it("is made good when it is said again, whatever was missing of it", async () => {
    const { use, done, events } = arrange(CALL);
    await use.hear({ id: CALL.id }, CANCELLED);
    done.length = 0;

    const [call] = await use.hear({ id: CALL.id }, CANCELLED);

    expect(call).toMatchObject({ state: "cancelled", history: [{}, { late: true }] });
    expect(done).toEqual([`withdraw ${CALL.pushIds[0]}`, "tell cancelled"]);
    expect(events.names).toEqual(["callChanged"]);
  });

  it("does nothing after another end", async () => {
    const { use, done } = arrange(CALL);
    await use.hear({ id: CALL.id }, { kind: "answered", deviceId: "iphone" });
    done.length = 0;

    const [call] = await use.hear({ id: CALL.id }, CANCELLED);

    expect(call?.state).toBe("answered");
    expect(done).toEqual([]);
  });

  it.each([
    ["<sip:alice@192.0.2.7>", "iphone", "tell answered but not iphone"],
    ["<sip:alice@203.0.113.9>", undefined, "tell answered but not pixel"],
  ])("is not told to the phone that has answered from %s", async (contact, endedBy, told) => {
    const { use, done } = arrange(CALL);

    const [call] = await use.hear({ id: CALL.id }, { kind: "answered" }, { contact });

    expect(call?.endedBy).toBe(endedBy);
    expect(done).toEqual([`withdraw ${CALL.pushIds[0]}`, told]);
  });

  it("believes a device that is named before a contact", async () => {
    const { use } = arrange(CALL);

    const [call] = await use.hear(
      { id: CALL.id },
      { kind: "declined", deviceId: "pixel" },
      { contact: "<sip:alice@192.0.2.7>" },
    );

    expect(call?.endedBy).toBe("pixel");
  });

  it("leaves the push of an unreachable call alone: it has ended, or is withdrawn by who gave it up", async () => {
    const { use, done } = arrange(CALL);

    await use.hear({ id: CALL.id }, { kind: "unreachable", reason: "Unregistered" });

    expect(done).toEqual(["tell unreachable"]);
  });
});

describe("an event", () => {
  const other = aRingingCall({ callee: BOB });

  it("is about every call of its id, or about one callee's", async () => {
    const { use } = arrange(CALL, other);

    expect(await use.hear({ id: CALL.id, callee: BOB }, { kind: "ringing" })).toHaveLength(1);
    expect(await use.hear({ id: CALL.id }, CANCELLED)).toHaveLength(2);
    expect(await use.hear({ id: "none" }, CANCELLED)).toEqual([]);
  });

  it("without an id is about what rings for the callee, from that caller where he is named", async () => {
    const another = aRingingCall({ id: "2", caller: "+1", startedAt: 2_000 });
    const ended = aRingingCall({ id: "3", state: "answered", startedAt: 3_000 });
    const { use, advance } = arrange(CALL, another, ended, other);

    expect((await use.hear({ callee: ALICE, caller: "+1" }, { kind: "ringing" })).map(({ id }) => id)).toEqual(["2"]);
    expect((await use.hear({ callee: ALICE }, { kind: "ringing" })).map(({ id }) => id)).toEqual(["2", CALL.id]);
    advance(600_000);
    expect(await use.hear({ callee: ALICE }, CANCELLED)).toEqual([]);
  });

  it("of a phone that registers again is no news", async () => {
    const { use, events } = arrange(CALL);
    const registered = { kind: "registered", deviceId: "iphone", provider: "apns" } as const;

    await use.hear({ callee: ALICE }, registered);
    await use.hear({ callee: ALICE }, registered);
    await use.hear({ callee: ALICE }, { ...registered, deviceId: "pixel" });

    expect(events.names).toEqual(["callChanged", "callChanged"]);
  });
});

const anyEvent = fc.constantFrom<CallEvent>(
  { kind: "registered", deviceId: "iphone" },
  { kind: "answered", deviceId: "pixel" },
  { kind: "declined" },
  { kind: "missed" },
  CANCELLED,
  { kind: "unreachable", reason: "Unregistered" },
);

it("comes to one end, told once for all, however many gateways hear of it at once, in whatever order", async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.array(anyEvent, { minLength: 2, maxLength: 6 }), async (scheduler, story) => {
      const { use, book, done } = arrange(CALL);
      book.get = scheduler.scheduleFunction(book.get.bind(book));
      const replace = book.replace.bind(book);
      const ends = new Set<string>();
      book.replace = scheduler.scheduleFunction(async (before: Call, after: Call) => {
        const isWritten = await replace(before, after);
        if (isWritten && isCallEnded(after.state)) ends.add(after.state);
        return isWritten;
      });

      const heard = Promise.all(story.map((event) => use.hear({ id: CALL.id }, event)));
      await scheduler.waitFor(heard);

      const told = new Set(done.filter((what) => what.startsWith("tell")));
      expect(ends.size).toBeLessThanOrEqual(1);
      expect(told).toEqual(new Set([...ends].map((state) => `tell ${state}`)));
      // The push is taken off the queue before the end is written.
      const owesWithdrawal = ends.size === 1 && !ends.has("unreachable");
      expect(done.includes(`withdraw ${CALL.pushIds[0]}`) || !owesWithdrawal).toBe(true);
    }),
    { numRuns: 500 },
  );
});

describe("a wait for a phone", () => {
  it("begins though the store does not answer at first", async () => {
    const { use, book } = arrange(CALL);
    const get = book.get.bind(book);
    let asked = 0;
    book.get = async (key) => {
      asked += 1;
      if (asked === 1) throw new Error("the store is out of reach");
      return get(key);
    };

    const call = await use.awaitVerdict(CALL, 5_000, () => undefined);

    expect(call).toMatchObject({ id: CALL.id, state: "ringing" });
  });
});
