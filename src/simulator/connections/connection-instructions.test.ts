import { expect, it } from "vitest";
import { parseConnectionScript } from "./connection-instructions.ts";

const parse = (json: unknown) => parseConnectionScript(json);

it("takes a script as it stands", () => {
  const script = {
    on: "next",
    times: 2,
    streams: 1,
    steps: [
      { afterRequests: 10, do: "goaway", last: "all" },
      { afterMs: 50, do: "goaway", code: 2, reason: "Shutdown", last: "served" },
      { do: "settings", streams: 1_000 },
      { do: "silence", forMs: 10 },
    ],
  };

  expect(parse(script)).toEqual(script);
});

it("does nothing but count where there are no steps", () => {
  expect(parse({ on: "all" })).toEqual({ on: "all", steps: [] });
});

it.each([
  ["no object", [], 'expected an object {"on": "next", "steps": […]}'],
  ["nothing about which connections", {}, "script.on: expected one of open, next, all, found nothing"],
  ["an unknown member", { on: "next", step: [] }, "script.step: unknown; known are on, times, streams, steps"],
  ["steps that are none", { on: "next", steps: 1 }, "script.steps: expected an array, found 1"],
  ["a step that is none", { on: "next", steps: ["end"] }, "steps[0]: expected an object"],
  ["a step without an action", { on: "next", steps: [{}] }, "steps[0].do: expected one of goaway"],
  ["an unknown action", { on: "next", steps: [{ do: "explode" }] }, "steps[0].do: expected one of goaway"],
  [
    "a count that is none",
    { on: "open", steps: [{ do: "end", afterRequests: 0 }] },
    "steps[0].afterRequests: expected an integer from 1",
  ],
  ["an unknown last stream", { on: "open", steps: [{ do: "goaway", last: 3 }] }, "steps[0].last: expected one of"],
  ["settings without a number", { on: "open", steps: [{ do: "settings" }] }, "steps[0].streams: settings needs it"],
  [
    "a member of another action",
    { on: "open", steps: [{ do: "end" }, { do: "drop", code: 1 }] },
    "steps[1].code: drop has none; it knows do, afterRequests, afterErrors, afterPings, afterMs",
  ],
])("says what is wrong with %s", (_what, json, problem) => {
  expect(() => parse(json)).toThrow(problem);
});
