import { expect, it } from "vitest";
import { createSlidingWindow } from "./sliding-window.ts";

const NOW = 1_800_000_000_000;

function arrange() {
  const window = createSlidingWindow(1_000, 10, () => ({ count: 0 }));
  const add = (now: number): void => void (window.current(now).count += 1);
  const sum = (now: number): number => window.list(now).reduce((total, { count }) => total + count, 0);
  return { window, add, sum };
}

it("counts what came within the window", () => {
  const { add, sum } = arrange();
  for (const at of [0, 50, 100, 950]) add(NOW + at);

  expect([950, 999].map((at) => sum(NOW + at))).toEqual([4, 4]);
});

it("forgets bucket after bucket as time goes on", () => {
  const { add, sum } = arrange();
  for (const at of [0, 50, 100, 950]) add(NOW + at);

  expect([1_000, 1_100, 1_899, 1_950, 90_000].map((at) => sum(NOW + at))).toEqual([2, 1, 1, 0, 0]);
});

it("keeps nothing of a future that a clock which was put back has not reached", () => {
  const { add, sum } = arrange();
  add(NOW + 3_600_000);
  add(NOW);

  expect(sum(NOW)).toBe(1);
});

it("can be emptied", () => {
  const { window, add, sum } = arrange();
  add(NOW);

  window.clear();

  expect(sum(NOW)).toBe(0);
});
