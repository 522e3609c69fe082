import fc from "fast-check";
import { expect, it } from "vitest";
import { isGooglesName, renameGooglesNames } from "./data-names.ts";

it("renames what Google keeps for itself, and nothing else", () => {
  const { data, renamed } = renameGooglesNames({ from: "a", "google.x": "b", gcm: "c", kept: "d", data_from: "e" });

  expect(data).toEqual({ data_data_from: "a", "data_google.x": "b", data_gcm: "c", kept: "d", data_from: "e" });
  expect([...renamed.keys()]).toEqual(["from", "google.x", "gcm"]);
});

it("loses no value, and leaves none of Google's names", () => {
  const name = fc.oneof(fc.constantFrom("from", "FROM", "data_from", "gcm.a", "collapse_key"), fc.string());
  fc.assert(
    fc.property(fc.dictionary(name, fc.string(), { noNullPrototype: true }), (given) => {
      const { data } = renameGooglesNames(given);

      expect(Object.values(data).toSorted()).toEqual(Object.values(given).toSorted());
      expect(Object.keys(data).filter(isGooglesName)).toEqual([]);
    }),
  );
});
