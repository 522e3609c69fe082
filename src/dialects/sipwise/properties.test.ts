import * as fc from "fast-check";
import { expect, it } from "vitest";
import type { ForeignRequest } from "../../gateway/dialect.ts";
import { GatewayError } from "../../gateway/errors.ts";
import { createSipwiseDialect } from "./dialect.ts";

const dialect = createSipwiseDialect({ paths: ["/push"] });
const TYPES = [
  undefined,
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=b",
  "application/json",
  "x",
];

const tokens = fc.constantFrom(
  ...'& = + % %2 %zz %ff %c3%bc \u00fc \u00c3\u00bc { } [ ] : , " \\ \\u null 1 -- --b --b-- \r\n ; name= form-data'.split(
    " ",
  ),
  ..."callee domain caller data_type message data_ apns_badge push_id __proto__ alice@example.org".split(" "),
  "Content-Disposition: form-data; name=",
  "\r\n\r\n",
);
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array).toString("latin1")),
  fc.array(tokens, { maxLength: 40 }).map((list) => list.join("")),
  fc.json(),
);
const requests: fc.Arbitrary<ForeignRequest> = fc.record({
  method: fc.constantFrom("GET", "POST"),
  path: fc.constant("/push"),
  rawQuery: bytes,
  contentType: fc.oneof(fc.constantFrom(...TYPES), fc.string()),
  body: bytes.map((text) => Buffer.from(text, "latin1")),
});

const values = fc.dictionary(fc.stringMatching(/^[a-z][a-z_-]{0,20}$/), fc.string({ unit: "grapheme", minLength: 1 }));
const texts = values.map((given) => {
  const { type: _type, silent: _silent, sender_number: _number, ...data } = given;
  return { ...data };
});

it("throws nothing but a GatewayError, whatever comes in", () => {
  const property = fc.property(requests, (request) => {
    try {
      dialect.read(request);
      return true;
    } catch (error) {
      return error instanceof GatewayError;
    }
  });

  expect(() => fc.assert(property, { numRuns: 2000 })).not.toThrow();
});

it("reads the same from a form, a query, JSON and multipart", () => {
  const property = fc.property(texts, (data) => {
    const named = Object.entries(data).map(([name, value]): [string, string] => [`data_${name}`, value]);
    const fields = [["callee", "+431"], ["domain", "example.org"], ["data_type", "message"], ...named] as [
      string,
      string,
    ][];

    for (const request of inEveryForm(fields)) {
      expect(dialect.read(request)).toMatchObject({ callee: "+431@example.org", data: { ...data, type: "message" } });
    }
  });

  fc.assert(property, { numRuns: 200 });
});

function inEveryForm(fields: [string, string][]): ForeignRequest[] {
  const form = new URLSearchParams(fields).toString();
  const escaped = fields.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}&`).join("");
  const parts = fields.map(
    ([name, value]) => `--b0undary\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  return [
    post(form, "application/x-www-form-urlencoded"),
    post(escaped, "application/x-www-form-urlencoded"),
    post(JSON.stringify(Object.fromEntries(fields)), "application/json"),
    post(`${parts.join("")}--b0undary--\r\n`, "multipart/form-data; boundary=b0undary"),
    { method: "GET", path: "/push", rawQuery: escaped, contentType: undefined, body: new Uint8Array() },
  ];
}

function post(body: string, contentType: string): ForeignRequest {
  return { method: "POST", path: "/push", rawQuery: "", contentType, body: Buffer.from(body) };
}
