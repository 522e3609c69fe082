import { expect, it } from "vitest";
import { formatProgress } from "./progress.ts";

it.each([
  [{ done: 0, total: 10, elapsedMs: 0 }, "reading  [------------------------]   0 %"],
  [{ done: 5, total: 10, elapsedMs: 1_000 }, "reading  [############------------]  50 %"],
  [{ done: 5, total: 10, elapsedMs: 80_000 }, "reading  [############------------]  50 %  1 min 20 s left"],
  [{ done: 10, total: 10, elapsedMs: 9_000 }, "reading  [########################] 100 %"],
  [{ done: 0, total: 0, elapsedMs: 0 }, "reading  [########################] 100 %"],
])("shows %j", (state, line) => {
  expect(formatProgress("reading", state)).toBe(line);
});
