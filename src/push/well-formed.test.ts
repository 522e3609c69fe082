import fc from "fast-check";
import { expect, it } from "vitest";
import { toWellFormed } from "./well-formed.ts";

it("repairs text wherever it stands, names of members included", () => {
  const half = {
    caller: "Bob \ud83d",
    data: { "\udc00name": ["a", "\ud83d"] },
    count: 1,
    none: undefined,
    nothing: null,
  };

  expect(toWellFormed(half)).toEqual({
    caller: "Bob �",
    data: { "�name": ["a", "�"] },
    count: 1,
    none: undefined,
    nothing: null,
  });
});

it("answers a value that needs no change as it is", () => {
  const whole = { caller: "Bob 😀", data: { list: ["a", {}] } };

  expect(toWellFormed(whole)).toBe(whole);
});

it("leaves functions and other objects alone", () => {
  const signal = new AbortController().signal;
  const onChange = () => undefined;

  expect(toWellFormed({ signal, onChange, text: "\ud83d" })).toEqual({ signal, onChange, text: "�" });
});

it("keeps a member called __proto__ a member", () => {
  const value: unknown = JSON.parse(String.raw`{"__proto__":"\ud83d"}`);

  expect(JSON.stringify(toWellFormed(value))).toBe('{"__proto__":"�"}');
});

it("makes JSON that any reader takes of whatever it is given", () => {
  fc.assert(
    fc.property(
      fc.jsonValue({ stringUnit: "binary" }),
      fc.string({ unit: fc.constantFrom("\ud83d", "\udc00", "a") }),
      (value, text) => {
        const written = JSON.stringify(toWellFormed({ value, [text]: text }));

        expect(/\\u[dD][89a-fA-F]/.test(written.replaceAll(String.raw`\\`, ""))).toBe(false);
      },
    ),
  );
});
