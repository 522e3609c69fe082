import { expect, it } from "vitest";
import { buildPreferences } from "./build-preferences.ts";

function build(...rows: [attribute: string, value: string | null][]) {
  return buildPreferences(rows.map(([attribute, value]) => ({ attribute: `mobile_push_${attribute}`, value })));
}

it("gathers what one subscriber has set, in one row or several", () => {
  const { preferences, refused } = build(
    ["enable", "push_then_reg"],
    ["expiry", "45"],
    ["silent_list", "bob@example.org"],
    ["silent_list", "Room@Conference.Example.org"],
    ["silent_list", "bob@example.org"],
  );

  expect(preferences).toEqual({
    mobile_push_enable: "push_then_reg",
    mobile_push_expiry: 45,
    mobile_push_silent_list: ["bob@example.org", "Room@conference.example.org"],
  });
  expect(refused).toEqual([]);
});

it.each([
  ["1", "always"],
  ["0", "never"],
])("reads the boolean %s of old releases as %s", (value, mode) => {
  expect(build(["enable", value]).preferences).toEqual({ mobile_push_enable: mode });
});

it.each([
  ["enable", "sometimes"],
  ["enable", null],
  ["expiry", "0"],
  ["expiry", "3601"],
  ["expiry", "-1"],
  ["expiry", "soon"],
  ["silent_list", "nobody"],
] as const)("leaves %s out where its value is %j", (attribute, value) => {
  expect(build([attribute, value])).toEqual({
    preferences: {},
    refused: [{ attribute: `mobile_push_${attribute}`, value }],
  });
});
