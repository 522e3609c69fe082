import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FairShare, type SlotOwner } from "./fair-share.ts";

const TOTAL = 1_000;

function anOwner(overrides: Partial<SlotOwner> = {}): SlotOwner {
  return { app: "global/apns", domain: "example.org", isCall: true, ...overrides };
}

/** Takes as many slots as the claim may have, and returns their number. */
function fill(shares: FairShare, claim: SlotOwner): number {
  let taken = 0;
  for (; shares.admits(claim); taken += 1) shares.take(claim);
  return taken;
}

describe("places", () => {
  it("are half of three quarters for one that is alone", () => {
    const shares = new FairShare(TOTAL);

    expect(fill(shares, anOwner())).toBe(375);
    expect(shares.free).toBe(625);
  });

  it.each([
    ["another app", { app: "example.org/fcm" }],
    ["another domain of the same app", { domain: "example.com" }],
    ["messages of the same domain", { isCall: false }],
  ])("are left for %s", (_who, other) => {
    const shares = new FairShare(TOTAL);
    fill(shares, anOwner());

    expect(fill(shares, anOwner(other))).toBeGreaterThan(50);
  });

  it("are left for a newcomer's call, however many have filled up with calls and messages", () => {
    const shares = new FairShare(TOTAL);
    for (let app = 0; app < 50; app += 1) {
      for (const isCall of [true, false]) fill(shares, anOwner({ app: `app ${app}`, isCall }));
    }

    expect(fill(shares, anOwner({ app: "newcomer" }))).toBeGreaterThanOrEqual(1);
  });

  it("come back when they are given back", () => {
    const shares = new FairShare(TOTAL);
    const taken = fill(shares, anOwner());

    for (let i = 0; i < taken; i += 1) shares.give(anOwner());

    expect(shares.free).toBe(TOTAL);
    expect(fill(shares, anOwner())).toBe(taken);
  });

  it("are one at least where there is one", () => {
    expect(fill(new FairShare(1), anOwner())).toBe(1);
  });

  it("are never more than there are, and never gone for one that has none", () => {
    const who = fc.record({
      app: fc.constantFrom("a", "b", "c", "d"),
      domain: fc.constantFrom("x", "y"),
      isCall: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(fc.record({ who, gives: fc.boolean() }), { maxLength: 300 }), (steps) => {
        const shares = new FairShare(60);
        const held: SlotOwner[] = [];
        for (const { who: claim, gives } of steps) {
          const given = gives ? held.pop() : undefined;
          if (given !== undefined) shares.give(given);
          if (!shares.admits(claim)) continue;
          shares.take(claim);
          held.push(claim);
        }

        expect(shares.free).toBe(60 - held.length);
        expect(shares.admits({ app: "newcomer", domain: "z", isCall: true })).toBe(true);
      }),
    );
  });
});
