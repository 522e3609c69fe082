import { describe, expect, it } from "vitest";
import { BEGINNINGS, isLegalTransition, TRANSITIONS } from "./lifecycle.ts";
import { isTerminal, PUSH_STATES } from "./push.ts";

describe("the life of a push", () => {
  it.each(PUSH_STATES.filter(isTerminal))("ends for good with %s", (state) => {
    expect(PUSH_STATES.filter((to) => isLegalTransition(state, to))).toEqual([]);
  });

  it("can reach every end but the one that it may begin with", () => {
    const ends = PUSH_STATES.filter(isTerminal).filter((state) => !BEGINNINGS.some((beginning) => beginning === state));

    expect(TRANSITIONS.pending.filter(isTerminal)).toEqual(ends);
  });
});
