import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, it } from "vitest";
import { watchLoopDelay } from "./loop-delay.ts";

function keepBusy(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end;);
}

it("counts the turn that goes on, and half of the one before", async () => {
  using delay = watchLoopDelay();
  await nextTurn();
  keepBusy(60);
  const within = delay.read();
  await nextTurn();
  const after = delay.read();

  expect(within).toBeGreaterThanOrEqual(55);
  expect(after).toBeGreaterThanOrEqual(27);
});

it("does not keep a process awake", async () => {
  const before = process.getActiveResourcesInfo().filter((name) => name === "Immediate").length;
  using _delay = watchLoopDelay();
  await nextTurn();

  expect(process.getActiveResourcesInfo().filter((name) => name === "Immediate").length).toBe(before);
});
