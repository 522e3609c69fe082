import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buildLoadLimits, findFullBound, NO_LOAD, readQueueUse, type QueueLoad } from "./queue-room.ts";

const LIMITS = buildLoadLimits({
  pushes: 400,
  bytes: 4_000,
  messagesPercent: 75,
  domainPercent: 50,
  calleePushes: 20,
});
const EMPTY = { queue: NO_LOAD, domain: NO_LOAD, callee: NO_LOAD };

function messages(count: number, bytes = 0): QueueLoad {
  return { pushes: count, bytes, messages: count, messageBytes: bytes };
}

describe("what refuses a push", () => {
  it.each([
    ["an empty queue takes all", EMPTY, undefined, undefined],
    ["three quarters of the queue are for messages", { ...EMPTY, queue: messages(300) }, undefined, "messages"],
    ["one below it there is room", { ...EMPTY, queue: messages(299) }, undefined, undefined],
    ["a full queue", { ...EMPTY, queue: messages(400) }, "queue", "queue"],
    ["bytes of messages", { ...EMPTY, queue: messages(3, 3_000) }, undefined, "messages"],
    ["bytes of all", { ...EMPTY, queue: messages(3, 4_000) }, "queue", "queue"],
    ["half of the queue for one domain", { ...EMPTY, domain: messages(200) }, "domain", "domain"],
    ["three quarters of it for the domain's messages", { ...EMPTY, domain: messages(150) }, undefined, "domain"],
    ["bytes of one domain", { ...EMPTY, domain: messages(1, 2_000) }, "domain", "domain"],
    ["one callee", { ...EMPTY, callee: messages(20) }, "callee", "callee"],
    ["messages of one callee", { ...EMPTY, callee: messages(15) }, undefined, "callee"],
  ] as const)("%s", (_name, loads, forCalls, forMessages) => {
    expect(findFullBound(true, loads, LIMITS)).toBe(forCalls);
    expect(findFullBound(false, loads, LIMITS)).toBe(forMessages);
  });

  it("leaves room for a message in the smallest queue", () => {
    const limits = buildLoadLimits({ pushes: 1, bytes: 1, messagesPercent: 75, domainPercent: 50, calleePushes: 1 });

    expect(findFullBound(false, EMPTY, limits)).toBeUndefined();
  });

  it("takes a call of another domain, however many messages of others have been taken", () => {
    const percent = fc.integer({ min: 1, max: 99 });
    const property = fc.property(fc.integer({ min: 4, max: 10_000 }), percent, (pushes, messagesPercent) => {
      const limits = buildLoadLimits({
        pushes,
        bytes: Infinity,
        messagesPercent,
        domainPercent: 100,
        calleePushes: pushes,
      });
      let queue = NO_LOAD;
      while (findFullBound(false, { ...EMPTY, queue }, limits) === undefined) queue = messages(queue.pushes + 1);

      expect(findFullBound(true, { ...EMPTY, queue }, limits)).toBeUndefined();
    });

    fc.assert(property, { numRuns: 30 });
  });
});

it("says how much of each bound is used", () => {
  const use = readQueueUse(messages(150, 3_000), [messages(75), messages(30)], LIMITS);

  expect(use).toEqual({ queue: 0.75, messages: 1, domain: 0.5 });
});
