import { expect, it } from "vitest";
import { createRateLimit } from "./rate-limit.ts";

it.each([
  ["192.0.2.1", "192.0.2.1"],
  ["192.0.2.1", "::ffff:192.0.2.1"],
  ["2001:db8:1:2::1", "2001:db8:1:2:3:4:5:6"],
  ["2001:db8:1:2::1", "2001:db8:1:2:ffff::"],
  ["::1", "::2"],
  ["2001:db8::1", "2001:db8:0:0::2"],
  ["1::", "1:0:0:0:9::"],
])("takes %s and %s for one client", (one, other) => {
  const limit = createRateLimit({ count: 1, periodMs: 60_000 });

  expect([limit.take(one, 0), limit.take(other, 0)]).toEqual([true, false]);
});

it.each([
  ["192.0.2.1", "192.0.2.2"],
  ["2001:db8:1:2::1", "2001:db8:1:3::1"],
  ["2001:db8::1", "2001:db8:0:1::1"],
  ["::1", "192.0.2.1"],
])("takes %s and %s for two clients", (one, other) => {
  const limit = createRateLimit({ count: 1, periodMs: 60_000 });

  expect([limit.take(one, 0), limit.take(other, 0)]).toEqual([true, true]);
});

it("forgets who asked least recently when there are too many", () => {
  const limit = createRateLimit({ count: 1, periodMs: 60_000, maxClients: 2 });
  limit.take("192.0.2.1", 0);
  limit.take("192.0.2.2", 0);
  limit.take("192.0.2.1", 0);

  limit.take("192.0.2.3", 0);

  expect(limit.take("192.0.2.1", 0)).toBe(false);
  expect(limit.take("192.0.2.2", 0)).toBe(true);
});
