import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { A_DIRECT_IPHONE, aCall, aMessage, ALICE, BOB } from "../../test/fixtures/builders.ts";
import { buildDedupKey, type DedupWindows } from "./dedup-key.ts";
import type { PushRequest } from "./push.ts";

const WINDOWS: DedupWindows = { explicitMs: 3_600_000, implicitMs: 3_000 };
const keyOf = (request: PushRequest) => buildDedupKey(request, WINDOWS);

function withoutPushId(request: PushRequest): PushRequest {
  const { pushId: _pushId, ...rest } = request;
  return rest;
}

/** Returns the same value with its members in the opposite order, recursively. */
function reversed<T extends object>(value: T): T {
  const entries = Object.entries(value).toReversed();
  return Object.fromEntries(
    entries.map(([name, member]) => [name, typeof member === "object" && member !== null ? reversed(member) : member]),
  ) as T;
}

describe("an explicit key", () => {
  it("has the longer window", () => {
    expect(keyOf(aMessage())).toMatchObject({ explicit: true, windowMs: 3_600_000 });
  });

  it("is the same for another content, whose fingerprint tells the two apart", () => {
    const first = keyOf(aMessage({ pushId: "p-1" }));
    const second = keyOf(aMessage({ pushId: "p-1", data: { message: "another one" } }));

    expect(second.key).toBe(first.key);
    expect(second.fingerprint).not.toBe(first.fingerprint);
  });

  it.each([
    ["another push_id", aMessage({ pushId: "p-2" })],
    ["another callee", aMessage({ pushId: "p-1", callee: BOB })],
    ["no push_id", withoutPushId(aMessage())],
    ["a phone that is named", aMessage({ pushId: "p-1", direct: A_DIRECT_IPHONE })],
  ])("is another one for %s", (_what, other) => {
    expect(keyOf(other).key).not.toBe(keyOf(aMessage({ pushId: "p-1" })).key);
  });

  it("names a call as well", () => {
    const again = aCall({ pushId: "p-1", caller: "somebody else" });

    expect(keyOf(again).key).toBe(keyOf(aCall({ pushId: "p-1" })).key);
  });
});

describe("an implicit key", () => {
  it("has the shorter window", () => {
    expect(keyOf(aCall())).toMatchObject({ explicit: false, windowMs: 3_000 });
    expect(keyOf(withoutPushId(aMessage()))).toMatchObject({ explicit: false, windowMs: 3_000 });
  });

  it("knows a call by who calls whom, whatever else is said about it", () => {
    const again = aCall({ data: { skill: "sales" }, aps: { alert: "Ring" }, ttlMs: 1_000 });

    expect(keyOf(again).key).toBe(keyOf(aCall()).key);
  });

  it.each([
    ["another caller", aCall({ caller: "+4315559999" })],
    ["another callee", aCall({ callee: BOB })],
    ["a Call-ID", aCall({ callId: "a84b4c76e66710" })],
    ["another kind", withoutPushId(aMessage())],
  ])("is another one for a call with %s", (_what, other) => {
    expect(keyOf(other).key).not.toBe(keyOf(aCall()).key);
  });

  it("tells two Call-IDs of one caller apart", () => {
    expect(keyOf(aCall({ callId: "one" })).key).not.toBe(keyOf(aCall({ callId: "two" })).key);
  });

  it("does not let one field run into the next", () => {
    const one = keyOf(aCall({ caller: "a", callId: '","b' }));
    const two = keyOf(aCall({ caller: 'a","', callId: "b" }));

    expect(one.key).not.toBe(two.key);
  });

  it("knows a message by its whole content", () => {
    const message = withoutPushId(aMessage());

    expect(keyOf(withoutPushId(aMessage())).key).toBe(keyOf(message).key);
    for (const other of [
      { ...message, data: { ...message.data, message: "No?" } },
      { ...message, aps: { ...message.aps, badge: 2 } },
      { ...message, silent: true },
      { ...message, callee: BOB },
      { ...message, kind: "groupchat" as const },
    ]) {
      expect(keyOf(other).key).not.toBe(keyOf(message).key);
    }
  });
});

describe("a key and its fingerprint", () => {
  const aRequest: fc.Arbitrary<PushRequest> = fc.record(
    {
      kind: fc.constantFrom("call", "message", "invite", "groupchat"),
      callee: fc.constantFrom(ALICE, BOB),
      caller: fc.string(),
      callId: fc.string(),
      pushId: fc.string(),
      silent: fc.boolean(),
      data: fc.dictionary(fc.string(), fc.string({ unit: "binary" })),
      aps: fc.record({ alert: fc.string(), badge: fc.nat() }, { requiredKeys: [] }),
      ttlMs: fc.nat(),
    },
    { requiredKeys: ["kind", "callee", "silent", "data", "aps"] },
  );

  it("do not depend on the order in which the fields came", () => {
    fc.assert(
      fc.property(aRequest, (request) => {
        expect(keyOf(reversed(request))).toEqual(keyOf(request));
      }),
    );
  });

  it("are never shared by two subscribers", () => {
    fc.assert(
      fc.property(aRequest, (request) => {
        const mine = keyOf({ ...request, callee: ALICE });
        const theirs = keyOf({ ...request, callee: BOB });

        expect(theirs.key).not.toBe(mine.key);
        expect(theirs.fingerprint).not.toBe(mine.fingerprint);
      }),
    );
  });

  it("are what release 0.1.0 made of the same request, which kept its text in aps", () => {
    const shown = { sound: "ding.caf", badge: 3 };
    const before = aMessage({ aps: { alert: "Lunch?", ...shown } });
    const now = aMessage({ aps: {}, content: { body: "Lunch?", ...shown } });

    expect(keyOf(now)).toEqual(keyOf(before));
    expect(keyOf({ ...now, content: { ...now.content, title: "Bob" } })).not.toEqual(keyOf(before));
  });

  it("do not show what was asked", () => {
    const { key, fingerprint } = keyOf(aMessage({ pushId: "secret", data: { message: "confidential" } }));

    expect(`${key} ${fingerprint}`).not.toMatch(/alice|secret|confidential/);
  });
});
