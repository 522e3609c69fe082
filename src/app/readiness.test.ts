import { expect, it } from "vitest";
import { describeFullQueue } from "./readiness.ts";

it("says nothing of a queue that has room", () => {
  expect(describeFullQueue({ queue: 0.7, messages: 0.99, domain: 0.5 })).toEqual({});
});

it("says which pushes are refused", () => {
  const checks = describeFullQueue({ queue: 0.8, messages: 1.01, domain: 1 });

  expect(checks).toEqual({
    queue:
      "no room for messages: they are refused, calls are taken; a domain has filled its part: its pushes are refused, those of other domains are taken",
  });
});
