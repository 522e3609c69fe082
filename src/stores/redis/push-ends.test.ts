import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { acceptNew, delivered, NO_RULES } from "../../../test/contracts/store-fixture.ts";
import { aCall, anIphone } from "../../../test/fixtures/builders.ts";
import { type RedisServer, redisOptions, startRedis } from "../../../test/fixtures/redis-servers.ts";
import { openRedisStores } from "./redis-stores.ts";
import { createKeys } from "./shards.ts";

let server: RedisServer;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server[Symbol.asyncDispose]());

/** Opens two gateways, and records the ends that the second one is told. */
async function arrange() {
  const options = redisOptions({ kind: "single", url: server.url });
  const { pushEnds } = createKeys(options.keyPrefix, options.shards);
  await using opened = new AsyncDisposableStack();
  const { pushes, devices } = opened.use(await openRedisStores(options));
  const other = opened.use(await openRedisStores(options));
  const heard: string[] = [];
  other.pushes.watchEnds((id) => void heard.push(id));
  await expect.poll(() => server.admin.pubsub("NUMSUB", pushEnds)).toEqual([pushEnds, 1]);
  await devices.register(anIphone(), NO_RULES);
  const countPublished = async () => {
    const stats = await server.admin.info("commandstats");
    return Number(/cmdstat_publish:calls=(\d+)/.exec(stats)?.[1] ?? 0);
  };
  const resources = opened.move();
  return { pushes, other, heard, countPublished, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

describe("the end of a push", () => {
  it("is told to all gateways, whichever of them somebody waits at, and however it came", async () => {
    await using fixture = await arrange();
    const { pushes, other, heard } = fixture;
    const settled = await acceptNew(pushes, aCall({ callId: "1" }));
    const cancelled = await acceptNew(pushes, aCall({ callId: "2" }));
    await other.pushes.awaitEnd(settled.push.id);
    await other.pushes.awaitEnd(cancelled.push.id);

    await pushes.settle(settled, [delivered()]);
    await pushes.cancel({ id: cancelled.push.id });

    await expect.poll(() => heard).toEqual([settled.push.id, cancelled.push.id]);
  });

  it("costs no message where nobody waits, and where it has come already", async () => {
    await using fixture = await arrange();
    const { pushes, countPublished } = fixture;
    const before = await countPublished();
    const lease = await acceptNew(pushes, aCall());

    await pushes.settle(lease, [delivered()]);
    await pushes.awaitEnd(lease.push.id);
    await pushes.settle(lease, [delivered()]);

    expect(await countPublished()).toBe(before);
  });
});
