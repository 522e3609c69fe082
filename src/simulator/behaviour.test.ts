import { expect, it } from "vitest";
import { ANY_TOKEN, createTokenBook } from "./behaviour.ts";

it("plays the behaviours one after the other, each as often as told", () => {
  const book = createTokenBook();
  book.script("a1b2", { reason: "One", times: 2 }, { reason: "Two", times: 1 });

  const reasons = [1, 2, 3, 4].map(() => book.take("A1B2")?.reason);

  expect(reasons).toEqual(["One", "One", "Two", undefined]);
});

it("never tires of a behaviour without a number", () => {
  const book = createTokenBook();
  book.script("a1b2", { reason: "Always" });

  expect([book.take("a1b2"), book.take("a1b2")]).toMatchObject([{ reason: "Always" }, { reason: "Always" }]);
});

it("uses the script for any token where a token has none of its own", () => {
  const book = createTokenBook();
  book.script(ANY_TOKEN, { status: 503 });
  book.script("Own:token", { status: 429, times: 1 });

  expect([book.take("Own:token"), book.take("Own:token"), book.take("other")]).toMatchObject([
    { status: 429 },
    { status: 503 },
    { status: 503 },
  ]);
});

it("keeps facts and script apart until the token is forgotten", () => {
  const book = createTokenBook();
  book.setFacts("a1b2", { topic: "x" });
  book.script("a1b2", { status: 500 });

  expect(book.facts("a1b2")).toEqual({ topic: "x" });
  expect(book.forget("a1b2")).toBe(true);
  expect(book.facts("a1b2")).toEqual({});
  expect(book.take("a1b2")).toBeUndefined();
});
