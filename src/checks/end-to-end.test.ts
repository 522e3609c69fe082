import { expect, it } from "vitest";
import { createEndToEndCheck, type PushResult } from "./end-to-end.ts";
import { createStoreCheck } from "./store.ts";

const DELIVERED = { device: "phone", provider: "apns", state: "delivered" };

function check(send?: () => Promise<PushResult>) {
  return createEndToEndCheck({ send, to: "alice@example.org" }).run(AbortSignal.timeout(5_000));
}

it("is right where every device's provider took the push", async () => {
  const found = await check(async () => ({
    state: "delivered",
    deliveries: [DELIVERED, { ...DELIVERED, device: "pad" }],
  }));

  expect(found).toEqual([
    { verdict: "ok", what: "A call push to alice@example.org, device phone (apns): taken by the provider." },
    { verdict: "ok", what: "A call push to alice@example.org, device pad (apns): taken by the provider." },
  ]);
});

it("explains why a device was not reached", async () => {
  const lost = { device: "pixel", provider: "fcm", state: "failed", reason: "UNREGISTERED" };

  expect(await check(async () => ({ state: "failed", deliveries: [lost] }))).toMatchObject([
    {
      verdict: "failed",
      what: expect.stringContaining("device pixel (fcm): failed, UNREGISTERED. "),
      mend: expect.any(String),
    },
  ]);
});

it("explains why there was nothing to send", async () => {
  expect(await check(async () => ({ state: "suppressed", reason: "push_disabled", deliveries: [] }))).toMatchObject([
    { verdict: "failed", what: expect.stringContaining("reached no device: push_disabled.") },
  ]);
});

it("hands on why the gateway did not take it", async () => {
  const refusal = Object.assign(new Error("nothing listens there"), { mend: "Start the gateway." });

  expect(await check(() => Promise.reject(refusal))).toEqual([
    {
      verdict: "failed",
      what: "A call push to alice@example.org was not taken: nothing listens there",
      mend: "Start the gateway.",
    },
  ]);
});

it("sends nothing where there is nobody to send to", async () => {
  expect(await check()).toMatchObject([{ verdict: "skipped" }]);
});

it("of the store hands on what it says, or why it does not open", async () => {
  const inspect = async () => ({
    facts: ["Redis 7"],
    problems: ["It may throw pushes away."],
    degraded: ["It does not say how it writes to disk."],
  });
  const run = (input: Parameters<typeof createStoreCheck>[0]) =>
    createStoreCheck(input).run(AbortSignal.timeout(5_000));

  expect(await run({ inspect })).toMatchObject([
    { verdict: "failed", what: "It may throw pushes away." },
    { verdict: "warning", what: "It does not say how it writes to disk." },
    { verdict: "ok", what: "Redis 7." },
  ]);
  expect(await run({ inspect: () => Promise.reject(new Error("refused")) })).toMatchObject([
    { verdict: "failed", what: "The store cannot be used: refused" },
  ]);
});
