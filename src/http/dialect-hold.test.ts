import { describe, expect, it } from "vitest";
import type { Dialect } from "../gateway/dialect.ts";
import { GatewayError } from "../gateway/errors.ts";
import type { Call } from "../push/call.ts";
import { ALICE, aRingingCall } from "../../test/fixtures/builders.ts";
import { createHttpFixture, PUSH_ID } from "../../test/fixtures/http-fixture.ts";
import { createHttpServer } from "./server.ts";

describe("a dialect that holds its answer", () => {
  const CALL = aRingingCall({ id: "c1" });
  const HOLDING: Dialect = {
    name: "holding",
    paths: ["/holding", "/holding/*"],
    bodyLimitBytes: 100,
    holdMs: 4_000,
    read: ({ path }) => ({
      kind: path.endsWith("/message") ? "message" : "call",
      callee: ALICE,
      ...(path.endsWith("/nameless") ? {} : { callId: CALL.id }),
      silent: false,
      data: {},
      aps: {},
    }),
    answer: (result) => ({ status: 200, contentType: "text/x-holding", body: JSON.stringify(result) }),
  };

  function serveHolding(verdict: Call | undefined) {
    const fixture = createHttpFixture({}, { dialects: [HOLDING] });
    const waited: unknown[][] = [];
    const heard: unknown[][] = [];
    fixture.deps.calls.awaitVerdict = async (key, waitMs) => {
      waited.push([key, waitMs]);
      return verdict;
    };
    fixture.deps.calls.hear = async (selector, event) => {
      heard.push([selector, event]);
      return [{ ...CALL, state: "missed" }];
    };
    const app = createHttpServer({ requireKey: false, names: () => [] }, fixture.deps);
    const ask = async (url: string) => JSON.parse((await app.inject({ method: "POST", url })).body) as unknown;
    return { ...fixture, waited, heard, ask };
  }

  it("says what a call has come to, and has it given up at once where no phone can be woken", async () => {
    const { ask, asked, waited, heard } = serveHolding({ ...CALL, state: "registered" });

    const answer = await ask("/holding");

    expect(answer).toMatchObject({ kind: "awaited", receipt: { kind: "accepted" }, call: { state: "registered" } });
    expect(asked).toMatchObject([{ request: { awaited: true, callId: "c1" } }]);
    expect(waited).toEqual([[{ callee: ALICE, id: "c1" }, 4_000]]);
    expect(heard).toEqual([]);
  });

  it("waits for a call that the platform has not named by its push", async () => {
    const { ask, waited } = serveHolding(undefined);

    const answer = await ask("/holding/nameless");

    expect(answer).toMatchObject({ kind: "awaited" });
    expect(waited).toEqual([[{ callee: ALICE, id: PUSH_ID }, 4_000]]);
  });

  it("ends the call where no phone has come, because the platform goes on without", async () => {
    const { ask, heard } = serveHolding(CALL);

    const answer = await ask("/holding");

    expect(answer).toMatchObject({ kind: "awaited", call: { state: "missed" } });
    expect(heard).toEqual([[CALL, { kind: "missed" }]]);
  });

  it("does not refuse a call that was accepted, though the store does not answer any more", async () => {
    const silent = serveHolding(undefined);
    const deaf = serveHolding(CALL);
    const away = () => Promise.reject(new GatewayError("store_unavailable", "The store does not answer."));
    silent.deps.calls.awaitVerdict = away;
    deaf.deps.calls.hear = away;

    expect(await silent.ask("/holding")).toMatchObject({ kind: "awaited", receipt: { kind: "accepted" } });
    expect(await deaf.ask("/holding")).toMatchObject({ kind: "awaited", call: { state: "ringing" } });
  });

  it("holds back no answer to a message", async () => {
    const { ask, asked, waited } = serveHolding(CALL);

    const answer = await ask("/holding/message");

    expect(answer).toMatchObject({ kind: "pushed" });
    expect(asked[0]?.request).not.toHaveProperty("awaited");
    expect(waited).toEqual([]);
  });

  it("waits no longer than its client", async () => {
    const { deps } = serveHolding(undefined);
    const waiting = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<void>();
    deps.calls.awaitVerdict = async (_key, _waitMs, onWait) => {
      onWait(ended.resolve);
      waiting.resolve();
      await ended.promise;
      return undefined;
    };
    await using app = createHttpServer({ requireKey: false, names: () => [] }, deps);
    const url = await app.listen({ host: "127.0.0.1", port: 0 });
    const client = new AbortController();
    const asking = fetch(`${url}/holding`, { method: "POST", signal: client.signal });
    await waiting.promise;

    client.abort();

    await expect(asking).rejects.toThrow("aborted");
    await expect(ended.promise).resolves.toBeUndefined();
  });
});
