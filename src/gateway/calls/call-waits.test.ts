import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ALICE, aRingingCall } from "../../../test/fixtures/builders.ts";
import { MemoryCallBook } from "../../../test/fixtures/memory-stores.ts";
import { applyCallEvent } from "../../push/call.ts";
import { createCallWaits } from "./call-waits.ts";
import { sleep } from "../sleep.ts";

const CALL = aRingingCall();

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function arrange() {
  const book = new MemoryCallBook();
  book.begin(CALL);
  const waits = createCallWaits({ calls: book, sleep });
  const register = () => book.replace(CALL, applyCallEvent(CALL, { kind: "registered", deviceId: "iphone" }, 5_000));
  return { book, waits, register };
}

describe("who waits for a call", () => {
  it("hears of the phone that has come, and is forgotten then", async () => {
    const { waits, register } = arrange();
    const { outcome } = waits.begin(CALL, 30_000);
    const other = waits.begin({ callee: ALICE, id: "other" }, 30_000);

    expect(waits.size).toBe(2);
    await register();

    expect(await outcome).toMatchObject({ state: "registered" });
    expect(await other.outcome).toBeUndefined();
    expect(waits.size).toBe(0);
  });

  it("gets the call as it is when the time is over, or when the wait is ended", async () => {
    const { waits } = arrange();
    const long = waits.begin(CALL, 30_000);
    const ended = waits.begin(CALL, 30_000);

    ended.end();
    await vi.advanceTimersByTimeAsync(30_000);

    expect(await ended.outcome).toMatchObject({ state: "ringing" });
    expect(await long.outcome).toMatchObject({ state: "ringing" });
    expect(waits.size).toBe(0);
  });

  it("finds a change that nobody told, by looking now and then", async () => {
    const { book, waits, register } = arrange();
    const { outcome } = waits.begin(CALL, 30_000);
    book.mute();

    await register();
    await vi.advanceTimersByTimeAsync(2_000);

    expect(await outcome).toMatchObject({ state: "registered" });
  });

  it("is patient with a store that fails, and learns of it in the end", async () => {
    const { book, waits } = arrange();
    book.get = () => Promise.reject(new Error("disk I/O error"));
    const { outcome } = waits.begin(CALL, 3_000);
    const failure = outcome.catch((error: unknown) => error);

    await vi.advanceTimersByTimeAsync(3_000);

    expect(await failure).toMatchObject({ message: "disk I/O error" });
    expect(waits.size).toBe(0);
  });

  it("is told when the gateway stops", async () => {
    const { waits } = arrange();
    const { outcome } = waits.begin(CALL, 30_000);
    const told = outcome.catch((error: unknown) => error);

    await waits[Symbol.asyncDispose]();

    expect(await told).toMatchObject({ code: "shutting_down" });
    await expect(waits.begin(CALL, 1).outcome).rejects.toMatchObject({ code: "shutting_down" });
  });
});
