import { expect, it } from "vitest";
import { createManualClock } from "../../test/fixtures/clocks.ts";
import { createProgress } from "./progress.ts";

function fixture(isTty: boolean) {
  const written: string[] = [];
  const clock = createManualClock();
  return {
    written,
    clock,
    progress: createProgress({ stderr: { write: (text) => written.push(text) }, isTty, clock }),
  };
}

it("says nothing within the first second", () => {
  const { written, clock, progress } = fixture(true);

  progress.update("waiting");
  clock.advance(999);
  progress.update("waiting still");
  progress.clear();

  expect(written).toEqual([]);
});

it("shows each text instead of the last one, and erases it at the end", () => {
  const { written, clock, progress } = fixture(true);
  clock.advance(1_000);

  progress.update("one");
  progress.update("one");
  progress.update("two");
  progress.clear();
  progress.clear();

  expect(written).toEqual(["\r\u001b[Kone", "\r\u001b[Ktwo", "\r\u001b[K"]);
});

it("is silent where nobody watches", () => {
  const { written, clock, progress } = fixture(false);
  clock.advance(5_000);

  progress.update("waiting");
  progress.clear();

  expect(written).toEqual([]);
});
