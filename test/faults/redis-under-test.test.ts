import { expect, it } from "vitest";
import { startRedis } from "../fixtures/redis-servers.ts";
import { whileFrozen } from "./redis-under-test.ts";

it("lets Redis go on when a step throws while it stands still", async () => {
  await using redis = await startRedis();

  const step = whileFrozen(redis, () => Promise.reject(new Error("a step that throws")));

  await expect(step).rejects.toThrow("a step that throws");
  expect(await redis.admin.ping()).toBe("PONG");
});
