import { expect, it } from "vitest";
import type { InventoryEntry } from "../gateway/inventory.ts";
import { buildAor } from "../push/address.ts";
import type { Preferences } from "../push/preferences.ts";
import { createSubscribersCheck } from "./subscribers.ts";

function someone(name: string, devices: number, preferences: Preferences = {}): InventoryEntry {
  return { subscriber: buildAor(name, "example.org"), devices, preferences };
}

async function check(entries: readonly InventoryEntry[], preferences?: Preferences, domains: readonly string[] = []) {
  const set = preferences === undefined ? [] : [{ domain: "example.org", preferences }];
  const checking = createSubscribersCheck({
    domains,
    openInventory: async () => ({
      async *subscribers() {
        yield* entries;
      },
      domains: async () => set,
      async [Symbol.asyncDispose]() {},
    }),
  });
  return checking.run(AbortSignal.timeout(5_000));
}

it("counts who is on, and who of them has a device", async () => {
  const entries = [someone("alice", 2), someone("bob", 1, { mobile_push_enable: "never" }), someone("carol", 1)];

  expect(await check(entries, { mobile_push_enable: "reg_then_push" })).toEqual([
    {
      verdict: "ok",
      what: "example.org: mobile_push_enable is reg_then_push; 3 subscribers are known, 2 of them on, 2 of these with a device.",
    },
  ]);
});

it("names some of those that are on and have no device", async () => {
  const entries = ["a", "b", "c", "d", "e", "f"].map((name) => someone(name, 0, { mobile_push_enable: "always" }));

  expect((await check(entries))[1]).toMatchObject({
    verdict: "warning",
    what: "example.org: 6 subscribers are on and have no device: a@example.org, b@example.org, c@example.org, d@example.org, e@example.org, ….",
  });
});

it("warns of a domain where nobody is on", async () => {
  expect(await check([someone("alice", 1)], { mobile_push_enable: "never" })).toMatchObject([
    { verdict: "warning", what: expect.stringContaining("mobile_push_enable is never, and nobody is on") },
  ]);
});

it("lets a domain be off where some subscribers are on", async () => {
  const entries = [someone("alice", 1, { mobile_push_enable: "always" })];

  expect(await check(entries, { mobile_push_enable: "never" })).toMatchObject([{ verdict: "ok" }]);
});

it("warns of a configured domain without any device", async () => {
  expect(await check([], undefined, ["example.com"])).toMatchObject([
    {
      verdict: "warning",
      what: "example.com: mobile_push_enable is not set, which means on; no subscriber has a device yet.",
    },
  ]);
});

it("has nothing to say of an empty store, and says so when it cannot be read", async () => {
  const broken = createSubscribersCheck({
    domains: [],
    openInventory: () => Promise.reject(new Error("no Redis there")),
  });

  expect(await check([])).toMatchObject([{ verdict: "skipped" }]);
  expect(await broken.run(AbortSignal.timeout(5_000))).toMatchObject([
    { verdict: "failed", what: "The subscribers cannot be counted: no Redis there" },
  ]);
});
