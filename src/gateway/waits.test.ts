import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { sleep } from "./sleep.ts";
import { createWaits } from "./waits.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** A store that answers on command. */
function arrange() {
  const owed: { readonly name: string; readonly answer: (value: string) => void }[] = [];
  const look = (name: string) => {
    const { promise, resolve } = Promise.withResolvers<string>();
    owed.push({ name, answer: resolve });
    return promise;
  };
  const waits = createWaits<string, string>({
    nameOf: (key) => key,
    look,
    isSettled: (value) => value === "settled",
    sleep,
    stopping: "stopping",
  });
  /** Answers all pending polls and returns their number. */
  const answerAll = async (value = "pending"): Promise<number> => {
    let count = 0;
    await vi.advanceTimersByTimeAsync(0);
    while (owed.length > 0) {
      for (const { answer } of owed.splice(0)) {
        answer(value);
        count += 1;
      }
      await vi.advanceTimersByTimeAsync(0);
    }
    return count;
  };
  return { waits, owed, answerAll };
}

function beginMany({ waits }: ReturnType<typeof arrange>, count: number): void {
  for (let index = 0; index < count; index += 1) waits.begin(`push ${index}`, 60_000);
}

describe("many waits", () => {
  it("never have more than 32 questions under way", async () => {
    const fixture = arrange();

    beginMany(fixture, 1_000);
    await vi.advanceTimersByTimeAsync(0);

    expect(fixture.owed).toHaveLength(32);
    expect(await fixture.answerAll()).toBe(1_000);
  });

  it("spread their looks, and look 200 times in a second at the most", async () => {
    const fixture = arrange();
    beginMany(fixture, 5_000);
    await fixture.answerAll();
    const perTick: number[] = [];

    for (let tick = 0; tick < 250; tick += 1) {
      await vi.advanceTimersByTimeAsync(100);
      perTick.push(await fixture.answerAll());
    }

    expect(Math.max(...perTick)).toBeLessThanOrEqual(20);
    expect(perTick.reduce((sum, count) => sum + count)).toBe(5_000);
  });

  it("each have their turn", async () => {
    const fixture = arrange();
    beginMany(fixture, 1_000);
    await fixture.answerAll();
    const seen: string[] = [];

    for (let tick = 0; tick < 50; tick += 1) {
      await vi.advanceTimersByTimeAsync(100);
      seen.push(...fixture.owed.map(({ name }) => name));
      await fixture.answerAll();
    }

    expect(new Set(seen).size).toBe(1_000);
    expect(seen).toHaveLength(1_000);
  });

  it("share the look at one thing, unless it is under way already", async () => {
    const fixture = arrange();
    // Other waits use up the limit.
    beginMany(fixture, 32);
    const same = [1, 2, 3].map(() => fixture.waits.begin("shared", 60_000).outcome);

    await fixture.answerAll();
    fixture.waits.wake("shared");
    await vi.advanceTimersByTimeAsync(0);
    expect(fixture.owed.map(({ name }) => name)).toEqual(["shared"]);
    // The poll in progress may have missed this event.
    fixture.waits.wake("shared");
    await vi.advanceTimersByTimeAsync(0);
    expect(fixture.owed).toHaveLength(2);
    await fixture.answerAll("settled");

    expect(await Promise.all(same)).toEqual(["settled", "settled", "settled"]);
  });
});
