import { expect, it } from "vitest";
import { addTry, type Try } from "./tries.ts";

it("keeps the beginning and the newest of a long story", () => {
  let tries: readonly Try[] = [];

  for (let at = 1; at <= 20; at += 1) tries = addTry(tries, { kind: "deferred", reason: "busy" }, at, 5);

  expect(tries.map(({ at }) => at)).toEqual([1, 2, 3, 4, 13, 14, 15, 16, 17, 18, 19, 20]);
  expect(tries[0]).toEqual({ at: 1, tookMs: 5, outcome: "deferred", reason: "busy" });
});

it("has no reason for a success", () => {
  expect(addTry([], { kind: "delivered", providerMessageId: "m" }, 1, 2)).toEqual([
    { at: 1, tookMs: 2, outcome: "delivered" },
  ]);
});
