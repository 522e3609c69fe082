import { expect, it } from "vitest";
import { IPHONE_TOKENS } from "../../test/fixtures/builders.ts";
import { createLogger, type LogLevel } from "./logger.ts";

function startLog(level: LogLevel = "info") {
  const lines: string[] = [];
  const logger = createLogger({ level, destination: { write: (line) => void lines.push(line) } });
  const records = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  return { logger, lines, records };
}

it("writes one JSON object per line, with the time in ISO form and the level by its name", () => {
  const { logger, lines, records } = startLog();

  logger.warn("disk nearly full\nsecond line", { push_id: "p1", duration_ms: 1.6 });

  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^[^\n]+\n$/);
  expect(records()).toEqual([
    {
      level: "warn",
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      msg: "disk nearly full\nsecond line",
      push_id: "p1",
      duration_ms: 2,
    },
  ]);
});

it("drops a field that is not on the list, whatever brought it", () => {
  const { logger, lines } = startLog();
  const smuggled = { push_id: "p1", body: "canary", request: { text: "canary" }, __proto__: { hint: "canary" } };

  logger.info("x", smuggled);

  expect(lines.join()).toContain("p1");
  expect(lines.join()).not.toContain("canary");
});

it("shortens tokens and leaves unset fields out", () => {
  const { logger, records } = startLog();

  logger.info("x", { token: IPHONE_TOKENS.voip, reason: undefined });

  expect(records()[0]).toMatchObject({ token: "a1a1a1…a1a1" });
  expect(records()[0]).not.toHaveProperty("reason");
});

it("says nothing below its level", () => {
  const { logger, lines } = startLog("warn");

  logger.info("x");
  logger.debug("x");
  logger.error("y");

  expect(lines).toHaveLength(1);
});

it("bounds what a stranger can write into a line", () => {
  const { logger, lines } = startLog();

  logger.warn("x", { call_id: "c".repeat(100_000), reason: "r".repeat(100_000) });

  expect(lines.join().length).toBeLessThan(2_000);
});
