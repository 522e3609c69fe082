import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { acceptNew, anAcceptance, delivered, NO_RULES } from "../../../test/contracts/store-fixture.ts";
import { aCall, aMessage, anIphone } from "../../../test/fixtures/builders.ts";
import { type RedisServer, openSingle, startRedis, waitFor } from "../../../test/fixtures/redis-servers.ts";
import { startRedisProxy } from "../../../test/fixtures/redis-proxy.ts";
import type { RedisStores } from "./redis-stores.ts";

const BACK_WITHIN_MS = 2_000;

let server: RedisServer;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server[Symbol.asyncDispose]());

/** Opens stores behind a proxy that can drop traffic. */
async function openBehindProxy(commandTimeoutMs = 2_000) {
  await using opened = new AsyncDisposableStack();
  const proxy = opened.use(await startRedisProxy(server.port));
  const stores = opened.use(await openSingle(proxy.url, { commandTimeoutMs }));
  await stores.devices.register(anIphone(), NO_RULES);
  const resources = opened.move();
  return { proxy, stores, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

async function expectBack(stores: RedisStores): Promise<void> {
  const since = performance.now();
  await waitFor("the store works again", async () => (await stores.pushes.depth()).pending >= 0);
  expect(performance.now() - since).toBeLessThan(BACK_WITHIN_MS);
}

describe("a connection that fails", () => {
  it("makes one push of a request whose answer was lost and that is made again", async () => {
    await using fixture = await openBehindProxy();
    const { proxy, stores } = fixture;
    // The first call also loads the script into Redis, which is another round trip.
    await stores.pushes.settle(await acceptNew(stores.pushes, aCall()), [delivered()]);
    const first = anAcceptance(aMessage());
    proxy.cutReplyTo(first.id);

    const lost = stores.pushes.accept(first);

    await expect(lost).rejects.toMatchObject({
      name: "RedisStoreError",
      code: "connection_lost",
      isUndone: false,
    });
    await expectBack(stores);
    const repeat = await stores.pushes.accept(anAcceptance(aMessage()));
    expect(repeat).toEqual({ kind: "repeat", id: first.id, state: "pending" });
    expect(await stores.pushes.depth()).toEqual({ pending: 1, leased: 1 });
  });

  it("writes a result whose acknowledgement was lost once", async () => {
    await using fixture = await openBehindProxy();
    const { proxy, stores } = fixture;
    const lease = await acceptNew(stores.pushes, aMessage());
    proxy.cutReplyTo(lease.token);

    await expect(stores.pushes.settle(lease, [delivered()])).rejects.toMatchObject({ code: "connection_lost" });

    await expectBack(stores);
    expect(await stores.pushes.settle(lease, [delivered()])).toEqual({ kind: "settled", state: "delivered" });
    expect(await stores.pushes.depth()).toEqual({ pending: 0, leased: 0 });
  });

  it("answers in time where Redis is silent, and leaves the silent connection", async () => {
    await using fixture = await openBehindProxy(300);
    const { proxy, stores } = fixture;
    proxy.swallow(true);
    const since = performance.now();

    const results = await Promise.allSettled(
      Array.from({ length: 50 }, (_, index) => stores.pushes.accept(anAcceptance(aCall({ callId: `${index}` })))),
    );

    expect(performance.now() - since).toBeLessThan(1_000);
    for (const result of results) {
      expect(result).toMatchObject({
        status: "rejected",
        reason: { code: expect.stringMatching("timeout|connection_lost") },
      });
    }
    proxy.swallow(false);
    await expectBack(stores);
  });

  it("says at once that nothing was sent where there is no connection", async () => {
    await using own = await startRedis();
    await using stores = await openSingle(own.url);
    await own.kill();
    await waitFor("the store has noticed", async () => {
      const error = await stores.pushes.depth().catch((reason: unknown) => reason);
      return error instanceof Error && "code" in error && error.code === "unreachable";
    });
    const since = performance.now();

    await expect(stores.pushes.accept(anAcceptance(aCall()))).rejects.toMatchObject({
      code: "unreachable",
      isUndone: true,
    });

    expect(performance.now() - since).toBeLessThan(100);
  });

  it("takes one round trip for an accept, and one for a settle", async () => {
    await using fixture = await openBehindProxy();
    const { proxy, stores } = fixture;
    await acceptNew(stores.pushes, aCall({ callId: "warm" })).then((lease) =>
      stores.pushes.settle(lease, [delivered()]),
    );
    proxy.countSent();

    const lease = await acceptNew(stores.pushes, aCall({ callId: "1" }));
    const forAccept = proxy.countSent();
    await stores.pushes.settle(lease, [delivered()]);
    const forSettle = proxy.countSent();

    expect([forAccept, forSettle]).toEqual([1, 1]);
  });

  it("does nothing more once it is closed, and says so", async () => {
    const stores = await openSingle(server.url);
    await stores[Symbol.asyncDispose]();

    await expect(stores.pushes.depth()).rejects.toMatchObject({ code: "closed" });
    await stores.pushes[Symbol.asyncDispose]();
  });

  it("refuses to open where nobody answers, and names the address without the password", async () => {
    await using own = await startRedis();
    const url = `redis://:secret@${own.host}:${own.port}`;
    await own.kill();

    const opening = openSingle(url);

    await expect(opening).rejects.toMatchObject({
      code: "unreachable",
      message: expect.stringContaining(`${own.port}`),
    });
    await expect(opening).rejects.not.toMatchObject({ message: expect.stringContaining("secret") });
  });
});
