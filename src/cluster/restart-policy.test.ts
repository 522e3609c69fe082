import { expect, it } from "vitest";
import { decideRestart } from "./restart-policy.ts";

const SERVING = { hasServed: true, isAnotherSettled: true };
const ALONE = { hasServed: true, isAnotherSettled: false };

it("replaces a worker that had settled at once", () => {
  expect(decideRestart(0, ALONE)).toEqual({ kind: "restart", afterMs: 0 });
});

it("waits longer each time that a worker ends early, up to half a minute", () => {
  const pauses = [1, 2, 3, 4, 5, 8, 100].map((earlyEnds) => decideRestart(earlyEnds, SERVING));

  expect(pauses).toEqual([250, 500, 1000, 2000, 4000, 30_000, 30_000].map((afterMs) => ({ kind: "restart", afterMs })));
});

it("gives up after five early ends in a row, unless another worker serves", () => {
  expect(decideRestart(4, ALONE)).toMatchObject({ kind: "restart" });
  expect(decideRestart(5, ALONE)).toEqual({ kind: "give up" });
  expect(decideRestart(5, SERVING)).toMatchObject({ kind: "restart" });
});

it("does not try again what none could start with", () => {
  expect(decideRestart(1, { hasServed: false, isAnotherSettled: false })).toEqual({ kind: "give up" });
});
