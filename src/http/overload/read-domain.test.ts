import { expect, it } from "vitest";
import { readDomain } from "./read-domain.ts";

it.each([
  ["callee=alice&domain=Example.org&caller=bob", "example.org"],
  ["/push?caller=bob%40elsewhere.example&callee=alice%40a.example", "a.example"],
  ['{"kind":"call","caller":"bob@b.example","callee":"alice@a.example"}', "a.example"],
  ['{ "callee" : "sip:alice@a.example;user=phone" }', "a.example"],
  ["to=sip:alice@[::1]", undefined],
  ["token=abc", undefined],
  ["", undefined],
])("finds whose domain a request is about: %s", (text, domain) => {
  expect(readDomain(text)).toBe(domain);
});

it("looks at the beginning alone", () => {
  expect(readDomain(`{"data":"${"x".repeat(4_000)}","domain":"a.example"}`)).toBeUndefined();
});
