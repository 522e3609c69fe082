import { EventEmitter } from "node:events";
import type { FastifyReply } from "fastify";
import { describe, expect, it, vi } from "vitest";
import { aCall } from "../../test/fixtures/builders.ts";
import { GatewayError } from "../gateway/errors.ts";
import { acceptAndWait, unlessStoreAway } from "./accept-and-wait.ts";

function aReply(closed: boolean) {
  const raw = Object.assign(new EventEmitter(), { closed });
  return { reply: { raw } as unknown as FastifyReply, close: () => raw.emit("close") };
}

function arrange(closed: boolean) {
  const { reply, close } = aReply(closed);
  const end = vi.fn<() => void>();
  const awaitVerdict = vi.fn<(key: unknown, ms: number, onWait: (end: () => void) => void) => Promise<undefined>>();
  awaitVerdict.mockImplementation(async (_key, _ms, onWait) => {
    onWait(end);
    return undefined;
  });
  const accept = vi.fn<(push: unknown) => Promise<{ id: string }>>(async () => ({ id: "p-1" }));
  const wait = acceptAndWait({ push: aCall(), waitMs: 5_000, reply, calls: { awaitVerdict }, accept });
  return { wait, end, close, awaitVerdict, accept };
}

describe("a client that waits for a phone", () => {
  it("has its push accepted as awaited, and waits for the call that the push began", async () => {
    const { wait, awaitVerdict, accept } = arrange(false);

    expect(await wait).toEqual({ receipt: { id: "p-1" }, call: undefined, isMissing: true });
    expect(accept).toHaveBeenCalledWith({ ...aCall(), awaited: true });
    expect(awaitVerdict.mock.calls[0]?.slice(0, 2)).toEqual([{ callee: aCall().callee, id: "p-1" }, 5_000]);
  });

  it("waits no longer when it leaves, or has left while its push was being accepted", async () => {
    const leaving = arrange(false);
    const gone = arrange(true);
    await Promise.all([leaving.wait, gone.wait]);

    expect(leaving.end).not.toHaveBeenCalled();
    leaving.close();

    expect(leaving.end).toHaveBeenCalledOnce();
    expect(gone.end).toHaveBeenCalledOnce();
  });
});

describe("a question to the store after a push was accepted", () => {
  it("is what the store says, and undefined if the store says nothing", async () => {
    const away = new GatewayError("store_unavailable", "The store does not answer.");

    expect(await unlessStoreAway(Promise.resolve("found"))).toEqual({ found: "found" });
    expect(await unlessStoreAway(Promise.reject(away))).toBeUndefined();
  });

  it("fails for any other reason", async () => {
    const stopping = new GatewayError("shutting_down", "The gateway stops.");

    await expect(unlessStoreAway(Promise.reject(stopping))).rejects.toBe(stopping);
  });
});
