import { describe, expect, it } from "vitest";
import { aRingingCall } from "../../test/fixtures/builders.ts";
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

  it("lies where the push that rang lies, if that one's id says where", () => {
    const rang = "0190a1b2-c3d4-8abc-8def-01234567890f";

    const ids = (["shown", "silent"] as const).map((form) => buildEndPushId(rang, "missed", form));

    for (const id of ids) expect(id).toMatch(/^0190a1b2-c3d4-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{10}0f$/);
  });

  it("keeps the id that release 0.1.0 gave it, if the push that rang has one of that release", () => {
    expect(buildEndPushId(RANG, "missed", "silent")).toBe("0190a1b2-c3d4-7ad6-8a2e-ed69bacc0a93");
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
