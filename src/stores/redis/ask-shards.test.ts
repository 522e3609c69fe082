import { describe, expect, it } from "vitest";
import { askPrompt } from "./ask-shards.ts";

const NEVER = new Promise<never>(() => undefined);
const gone = (what: string) => Promise.reject(new Error(what));

describe("askPrompt", () => {
  it("has all answers where all shards give one", async () => {
    expect(await askPrompt([Promise.resolve(1), Promise.resolve(2)])).toEqual({ values: [1, 2], failure: undefined });
    expect(await askPrompt([])).toEqual({ values: [], failure: undefined });
  });

  it("goes on without a shard that fails, and says why", async () => {
    const { values, failure } = await askPrompt([gone("node lost"), Promise.resolve(2)]);

    expect(values).toEqual([2]);
    expect(failure).toMatchObject({ message: "node lost" });
  });

  it("goes on without a shard that is silent", async () => {
    const { values, failure } = await askPrompt([NEVER, Promise.resolve(2), NEVER]);

    expect(values).toEqual([2]);
    expect(failure).toMatchObject({ code: "timeout", message: expect.stringMatching(/^2 shards/) });
  });

  it("rejects where no shard answers", async () => {
    await expect(askPrompt([gone("one"), gone("two")])).rejects.toThrow("one");
  });
});
