import { describe, expect, it } from "vitest";
import { aRingingCall } from "../../test/support/builders.ts";
import { buildEndPushId, listEndPushIds } from "./call-end.ts";

const RANG = "0190a1b2-c3d4-7abc-8def-0123456789ab";

describe("the push that tells phones of a call's end", () => {
  it("has the time of the one that rang, and an id of its own for each word and form", () => {
    const ids = [
      buildEndPushId(RANG, "cancelled", "silent"),
      buildEndPushId(RANG, "cancelled", "shown"),
      buildEndPushId(RANG, "missed", "silent"),
    ];

    expect(new Set(ids).size).toBe(3);
    for (const id of ids) {
      expect(id).toMatch(/^0190a1b2-c3d4-7[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(id).not.toBe(RANG);
    }
    expect(buildEndPushId(RANG, "missed", "silent")).toBe(ids[2]);
  });

  it("is looked for where phones may have been told, and nowhere else", () => {
    const pushIds = [RANG, "0190a1b2-c3d4-7abc-8def-000000000000"];
    const list = (state: "answered" | "ringing" | "unreachable") => listEndPushIds(aRingingCall({ pushIds, state }));

    expect(list("answered")).toEqual([
      buildEndPushId(RANG, "answered_elsewhere", "shown"),
      buildEndPushId(RANG, "answered_elsewhere", "silent"),
    ]);
    expect(list("ringing")).toEqual([]);
    expect(list("unreachable")).toEqual([]);
  });
});
