import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describeCallBook } from "../../../test/contracts/call-book.contract.ts";
import { describeInventory } from "../../../test/contracts/inventory.contract.ts";
import { describeDeviceStore } from "../../../test/contracts/device-store.contract.ts";
import { describePreferenceStore } from "../../../test/contracts/preference-store.contract.ts";
import { describePushStore } from "../../../test/contracts/push-store.contract.ts";
import { acceptNew, anAcceptance, delivered, NO_RULES } from "../../../test/contracts/store-fixture.ts";
import { describeWakeBook } from "../../../test/contracts/wake-book.contract.ts";
import { aCall, anIphone } from "../../../test/fixtures/builders.ts";
import {
  type RedisServer,
  openOn,
  redisOptions,
  startCluster,
  startRedis,
} from "../../../test/fixtures/redis-servers.ts";
import { applyCallEvent } from "../../push/call.ts";
import type { RedisConnection } from "./redis-options.ts";
import { openRedisStores } from "./redis-stores.ts";

const DOCS = readFileSync(new URL("../../../docs/operate.md", import.meta.url), "utf8");
/** The rules as operators copy them, for the prefix of these tests. */
const [, RULES = ""] = /^ACL SETUSER sip-pushd (.*)$/m.exec(DOCS) ?? [];
const LOGIN = { username: "gateway", password: "secret" };

async function allow({ admin }: RedisServer, more: readonly string[] = []): Promise<void> {
  const rules = RULES.replace("PASSWORD", LOGIN.password).replaceAll("sip-pushd:", "test-").split(" ");
  await admin.call("ACL", "SETUSER", LOGIN.username, ...rules, ...more);
}

let server: RedisServer;
beforeAll(async () => {
  server = await startRedis();
  await allow(server);
  // No step may succeed because the connection has another user.
  await server.admin.call("ACL", "SETUSER", "default", "off");
});
afterAll(() => server[Symbol.asyncDispose]());

const connect = (): RedisConnection => ({ kind: "single", url: server.url, ...LOGIN });
const open = openOn(connect);
describePushStore("Redis with the least rights", open);
describeDeviceStore("Redis with the least rights", open);
describeInventory("Redis with the least rights", open);
describePreferenceStore("Redis with the least rights", open);
describeCallBook("Redis with the least rights", open);
describeWakeBook("Redis with the least rights", open);

describe("a user with the documented rights", () => {
  it("is all that the gateway needs", async () => {
    await using stores = await openRedisStores(redisOptions(connect()));

    expect(await stores.check()).toMatchObject({ ready: true, problems: [], degraded: [] });
    expect(await stores.describe()).toMatchObject([expect.stringContaining("append-only file")]);
  });

  it("needs two more in a Cluster", async () => {
    await using cluster = await startCluster();
    for (const master of cluster.masters) await allow(master, ["+cluster|slots", "+cluster|info"]);
    const connection: RedisConnection = { kind: "cluster", nodes: cluster.masters, ...LOGIN };
    await using stores = await openRedisStores(redisOptions(connection));
    await stores.devices.register(anIphone(), NO_RULES);

    const lease = await acceptNew(stores.pushes, aCall());

    expect(await stores.pushes.settle(lease, [delivered()])).toMatchObject({ state: "delivered" });
    expect(await stores.check()).toMatchObject({ ready: true, problems: [], degraded: [] });
  });
});

describe("a user without the right to ask where the slots are", () => {
  it("is told so at the start", async () => {
    await using cluster = await startCluster();
    for (const master of cluster.masters) await allow(master, ["+cluster|info"]);

    const opening = openRedisStores(redisOptions({ kind: "cluster", nodes: cluster.masters, ...LOGIN }));

    await expect(opening).rejects.toMatchObject({ code: "access_denied" });
  });
});

describe("a user without a right to the channels", () => {
  it("ends calls and pushes all the same, and readiness says what is missing", async () => {
    await using own = await startRedis();
    await allow(own, ["resetchannels"]);
    await using stores = await openRedisStores(redisOptions({ kind: "single", url: own.url, ...LOGIN }));
    await stores.devices.register(anIphone(), NO_RULES);
    const call = { id: "call@example.org", door: "v1", urlToken: "secret" };
    const accepted = await stores.pushes.accept({ ...anAcceptance(aCall({ callId: call.id })), call });
    const [ringing] = await stores.calls.find(call.id);
    if (ringing === undefined || accepted.kind !== "accepted") throw new Error("the call was not begun");
    await stores.pushes.awaitEnd(accepted.lease.push.id);

    const isReplaced = await stores.calls.replace(ringing, applyCallEvent(ringing, { kind: "cancelled" }, 5_000));
    const state = await stores.pushes.cancel({ id: accepted.lease.push.id });

    expect([isReplaced, state]).toMatchObject([true, expect.anything()]);
    expect(await stores.calls.find(call.id)).toMatchObject([{ state: "cancelled" }]);
    expect(await stores.check()).toMatchObject({
      ready: true,
      problems: [],
      degraded: [expect.stringContaining("+@pubsub &test-")],
    });
  });
});
