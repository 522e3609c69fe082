import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contactKey, readPerson, splitName, type FormValues, type PersonRules } from "./person.ts";
import { readPhoneNumber } from "./phone-number.ts";

const GOOD: FormValues = { name: " Ada  Lovelace ", phone: "+43 664 123 45 67", email: "ada@example.org " };

function read(values: Partial<FormValues> = {}, rules: Partial<PersonRules> = {}) {
  return readPerson({ ...GOOD, ...values }, { verify: "email", ...rules });
}

it("reads a person, tidied up", () => {
  expect(read()).toEqual({ person: { name: "Ada Lovelace", email: "ada@example.org", phone: "+436641234567" } });
});

it("needs no phone number, unless it is what is verified", () => {
  expect(read({ phone: "" })).toEqual({ person: { name: "Ada Lovelace", email: "ada@example.org" } });
  expect(read({ phone: "" }, { verify: "phone" })).toMatchObject({ errors: { phone: expect.any(String) } });
});

it.each([
  ["name", ["", "   ", "a\u0000b", "<script>", 'x" onload="', "x".repeat(101), "\ud800"]],
  ["phone", ["12", "+0664", "call me", "0664 1234567", "+1234567890123456", "+43 664\n1"]],
  [
    "email",
    [
      "",
      "ada",
      "@example.org",
      "ada@",
      "ada@example",
      "a b@example.org",
      "ada@[::1]",
      "ada@example.org\r\nBcc: x@y.z",
      "ä@example.org",
      "a@b@c.de",
      `${"x".repeat(250)}@a.de`,
    ],
  ],
] as const)("says what is wrong with a %s, and with nothing else", (field, wrong) => {
  for (const value of wrong) {
    expect([value, read({ [field]: value })]).toEqual([value, { errors: { [field]: expect.any(String) } }]);
  }
});

it("never lets a line break or a bracket through, whatever is typed", () => {
  const anything = fc.string({ unit: "binary", maxLength: 60 });
  fc.assert(
    fc.property(anything, anything, anything, (name, phone, email) => {
      const reading = readPerson({ name, phone, email }, { verify: "email", countryCode: "43" });
      return (
        "errors" in reading ||
        !/[\r\n<>"\u0000]/.test(JSON.stringify(Object.values(reading.person)).slice(1, -1).replaceAll('"', ""))
      );
    }),
  );
});

it.each([
  ["+43 664 1234567", undefined, "+436641234567"],
  ["0043 (664) 123-4567", undefined, "+436641234567"],
  ["+43 (0)664/1234567", undefined, "+436641234567"],
  ["0664 1234567", "43", "+436641234567"],
  ["00386 40 123 456", "43", "+38640123456"],
  ["0664 1234567", undefined, undefined],
  ["664 1234567", "43", "+436641234567"],
  ["06 1234 5678", "39", "+390612345678"],
  ["06 20 123 4567", "36", "+36201234567"],
  ["612 345 678", "34", "+34612345678"],
  ["512 345 678", "48", "+48512345678"],
  ["(202) 456-1111", "1", "+12024561111"],
  ["8 912 345-67-89", "7", "+79123456789"],
  ["+43 1", "43", undefined],
])("reads the number %s in country %s as %s", (text, countryCode, number) => {
  expect(readPhoneNumber(text, { countryCode })).toEqual(
    number === undefined ? { problem: "not_a_number" } : { number },
  );
});

it.each([
  ["+43 664 1234567", ["AT", "DE"], { number: "+436641234567" }],
  ["+39 06 1234 5678", ["AT", "DE"], { problem: "country_not_allowed" }],
  ["+1 204 234 5678", ["US"], { problem: "country_not_allowed" }],
  ["+800 1234 5678", ["AT"], { problem: "country_not_allowed" }],
])("takes %s in %j as %j", (text, allowedCountries, reading) => {
  expect(readPhoneNumber(text, { allowedCountries })).toEqual(reading);
});

it("says that a country is not served", () => {
  expect(read({ phone: "+39 06 1234 5678" }, { allowedCountries: ["AT"] })).toEqual({
    errors: { phone: "phoneCountry" },
  });
});

describe("contactKey", () => {
  it("has one spelling for one contact", () => {
    const person = { name: "A", email: "Ada@Example.ORG", phone: "+436641234567" };

    expect(contactKey(person, "email")).toBe(contactKey({ ...person, name: "B", email: "ada@example.org" }, "email"));
    expect(contactKey(person, "phone")).toBe(contactKey({ ...person, email: "other@example.org" }, "phone"));
    expect(contactKey(person, "phone")).not.toBe(contactKey(person, "email"));
  });
});

it.each([
  ["Ada Lovelace", { firstname: "Ada", lastname: "Lovelace" }],
  ["Ada King Lovelace", { firstname: "Ada King", lastname: "Lovelace" }],
  ["Ada", { firstname: "", lastname: "Ada" }],
])("splits %s", (name, parts) => {
  expect(splitName(name)).toEqual(parts);
});
