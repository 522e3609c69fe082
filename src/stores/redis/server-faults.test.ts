import { describe, expect, it, vi } from "vitest";
import { acceptNew, anAcceptance, delivered, leaseOf, NO_RULES } from "../../../test/contracts/store-fixture.ts";
import { ALICE, aCall, aMessage, anIphone } from "../../../test/fixtures/builders.ts";
import { openSingle, startRedis, waitFor, waitForReplica } from "../../../test/fixtures/redis-servers.ts";
import type { RedisStores } from "./redis-stores.ts";

const MAX_ROUNDS = 200;
/** Long enough for a busy machine. Without a replica the test waits for this time. */
const PATIENT = { replicas: 1, timeoutMs: 1_000 };

/** Accepts pushes and ends every second one until the store fails. Returns what was promised. */
async function workUntilFailure({ pushes }: RedisStores, onRound: (round: number) => void) {
  const accepted: string[] = [];
  const ended: string[] = [];
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    onRound(round);
    const works = Array.from({ length: 8 }, async (_, index) => {
      const lease = leaseOf(await pushes.accept(anAcceptance(aCall({ callId: `${round}-${index}` }))));
      accepted.push(lease.push.id);
      if (index % 2 === 1) return;
      await pushes.settle(lease, [delivered()]);
      ended.push(lease.push.id);
    });
    const results = await Promise.allSettled(works);
    if (results.some(({ status }) => status === "rejected")) return { accepted, ended };
  }
  throw new Error("Redis was killed, and nobody noticed");
}

describe("a Redis that fails", () => {
  it("has all that was promised after kill -9, and is used again without a restart of ours", async () => {
    await using server = await startRedis();
    await using stores = await openSingle(server.url);
    await stores.devices.register(anIphone(), NO_RULES);
    let killed: Promise<void> | undefined;

    const { accepted, ended } = await workUntilFailure(stores, (round) => {
      if (round === 30) killed = server.kill();
    });
    await killed;
    await server.restart();
    const since = performance.now();
    await waitFor("the store works again", async () => (await stores.pushes.depth()).pending > 0);
    const backAfterMs = performance.now() - since;

    const states = await Promise.all(accepted.map(async (id) => (await stores.pushes.get(id))?.state));
    const endedStates = await Promise.all(ended.map(async (id) => (await stores.pushes.get(id))?.state));
    expect(accepted.length).toBeGreaterThan(200);
    expect(states).not.toContain(undefined);
    expect(new Set(endedStates)).toEqual(new Set(["delivered"]));
    expect(backAfterMs).toBeLessThan(2_000);
    expect((await stores.pushes.accept(anAcceptance(aCall({ callId: "after" })))).kind).toBe("accepted");
  });

  it("gets its scripts again when it has forgotten them", async () => {
    await using server = await startRedis();
    await using stores = await openSingle(server.url);
    await stores.devices.register(anIphone(), NO_RULES);
    const lease = await acceptNew(stores.pushes, aCall({ callId: "1" }));

    await server.admin.script("FLUSH");

    expect(await stores.pushes.settle(lease, [delivered()])).toEqual({ kind: "settled", state: "delivered" });
    const results = await Promise.all(
      ["2", "3", "4"].map((callId) => stores.pushes.accept(anAcceptance(aCall({ callId })))),
    );
    expect(results.map(({ kind }) => kind)).toEqual(["accepted", "accepted", "accepted"]);
  });

  it("takes no new push when its memory is full, but the ends of those it has", async () => {
    await using server = await startRedis();
    await using stores = await openSingle(server.url);
    await stores.devices.register(anIphone(), NO_RULES);
    const ended = await acceptNew(stores.pushes, aCall({ callId: "1" }));
    const cancelled = await acceptNew(stores.pushes, aCall({ callId: "2" }));
    const retried = await acceptNew(stores.pushes, aCall({ callId: "3" }));
    await server.admin.config("SET", "maxmemory", "1mb");

    const refused = await stores.pushes.accept(anAcceptance(aCall({ callId: "4" })));
    const settled = await stores.pushes.settle(ended, [delivered()]);
    const state = await stores.pushes.cancel({ id: cancelled.push.id });
    const { lost } = await stores.pushes.renew([retried], 1);
    await stores.pushes.settle(retried, [], 1);
    const again = await stores.pushes.lease({ limit: 10, leaseMs: 1_000 });
    const forgotten = await stores.pushes.forgetEnded(0);
    await server.admin.config("SET", "maxmemory", "0");
    const accepted = await stores.pushes.accept(anAcceptance(aCall({ callId: "4" })));

    expect(refused).toEqual({ kind: "full", bound: "store" });
    expect(settled).toEqual({ kind: "settled", state: "delivered" });
    expect(state).toBe("cancelled");
    expect(lost.size).toBe(0);
    expect(again.leases).toMatchObject([{ push: { id: retried.push.id } }]);
    expect(forgotten).toBe(0);
    expect(accepted.kind).toBe("accepted");
  });

  it("does not call a script silent that fails midway", async () => {
    await using server = await startRedis();
    await using stores = await openSingle(server.url, { keyPrefix: "midway" });
    await stores.devices.register(anIphone(), NO_RULES);
    const [devicesKey = ""] = await server.admin.keys(`*:devices:${ALICE}`);
    // The push has been written by then.
    await server.admin.set(devicesKey.replace(`:devices:${ALICE}`, ":calls"), "no sorted set");

    const accepting = stores.pushes.accept(anAcceptance(aCall()));

    await expect(accepting).rejects.toMatchObject({ code: "failed", isUndone: false, doubt: "failed" });
  });

  it("plans no new wake when its memory is full, but takes, finishes and cancels those it has", async () => {
    await using server = await startRedis();
    await using stores = await openSingle(server.url);
    const aWake = (deviceId: string) => ({ subscriber: ALICE, deviceId, afterMs: 0 });
    for (const deviceId of ["finished", "cancelled", "left"]) await stores.wakes.plan(aWake(deviceId));
    await server.admin.config("SET", "maxmemory", "1mb");

    const refused = stores.wakes.plan(aWake("late"));
    await expect(refused).rejects.toMatchObject({ code: "out_of_memory", isUndone: true });
    await stores.wakes.cancel(aWake("cancelled"));
    const taken = await stores.wakes.takeDue({ limit: 10, againMs: 1 });
    for (const wake of taken.filter(({ deviceId }) => deviceId === "finished")) await stores.wakes.finish(wake);

    expect(taken.map(({ deviceId }) => deviceId).toSorted()).toEqual(["finished", "left"]);
    await vi.waitFor(async () => {
      expect(await stores.wakes.takeDue({ limit: 10, againMs: 60_000 })).toMatchObject([{ deviceId: "left" }]);
    });
  });

  it("acknowledges no push that has not reached its replicas, however often it is asked", async () => {
    await using server = await startRedis();
    await using stores = await openSingle(server.url, { durability: PATIENT });
    await stores.devices.register(anIphone(), NO_RULES);
    const first = anAcceptance(aMessage());

    await expect(stores.pushes.accept(first)).rejects.toMatchObject({ code: "not_replicated", isUndone: false });
    await expect(stores.pushes.accept(anAcceptance(aMessage()))).rejects.toMatchObject({ code: "not_replicated" });
    await using replica = await startRedis({ replicaof: `${server.host} ${server.port}` });
    await waitForReplica(server);
    await server.admin.script("FLUSH");

    const repeat = await stores.pushes.accept(anAcceptance(aMessage()));

    expect(repeat).toEqual({ kind: "repeat", id: first.id, state: "pending" });
    expect(await replica.admin.keys(`*:push:${first.id}`)).toHaveLength(1);
  });

  it("acknowledges no repeat of what its replica, though connected, does not have", async () => {
    await using server = await startRedis();
    await using replica = await startRedis({ replicaof: `${server.host} ${server.port}` });
    await waitForReplica(server);
    const options = { durability: { replicas: 1, timeoutMs: 100 }, keyPrefix: "repeated" } as const;
    await using stores = await openSingle(server.url, options);
    await stores.devices.register(anIphone(), NO_RULES);
    replica.freeze();
    await expect(stores.pushes.accept(anAcceptance(aMessage()))).rejects.toMatchObject({ code: "not_replicated" });

    // Another connection has written nothing yet, so its WAIT alone would succeed.
    await using others = await openSingle(server.url, options);
    const repeat = others.pushes.accept(anAcceptance(aMessage()));

    await expect(repeat).rejects.toMatchObject({ code: "not_replicated" });
  });

  it("has a push ended only where its replicas know it, however often it is told", async () => {
    await using server = await startRedis();
    await using replica = await startRedis({ replicaof: `${server.host} ${server.port}` });
    await waitForReplica(server);
    const options = { durability: PATIENT, keyPrefix: "ended" } as const;
    await using stores = await openSingle(server.url, options);
    await stores.devices.register(anIphone(), NO_RULES);
    const lease = await acceptNew(stores.pushes, aMessage());
    await replica.admin.replicaof("127.0.0.1", 1);

    const settle = () => stores.pushes.settle(lease, [delivered()]);
    await expect(settle()).rejects.toMatchObject({ code: "not_replicated" });
    await expect(settle()).rejects.toMatchObject({ code: "not_replicated" });
    await replica.admin.replicaof(server.host, server.port);
    await waitForReplica(server);

    expect(await settle()).toEqual({ kind: "settled", state: "delivered" });
  });

  it("has a push withdrawn only where its replicas know it, however often that is asked for", async () => {
    await using server = await startRedis();
    await using replica = await startRedis({ replicaof: `${server.host} ${server.port}` });
    await waitForReplica(server);
    const options = { durability: PATIENT, keyPrefix: "withdrawn" } as const;
    await using stores = await openSingle(server.url, options);
    await using others = await openSingle(server.url, options);
    await stores.devices.register(anIphone(), NO_RULES);
    const { push } = await acceptNew(stores.pushes, aCall());
    await replica.admin.replicaof("127.0.0.1", 1);

    await expect(stores.pushes.cancel(push)).rejects.toMatchObject({ code: "not_replicated", isUndone: false });
    await expect(others.pushes.cancel(push)).rejects.toMatchObject({ code: "not_replicated" });
    await replica.admin.replicaof(server.host, server.port);
    await waitForReplica(server);

    expect(await others.pushes.cancel(push)).toBe("cancelled");
  });
});
