import { createCipheriv } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LaunchCredentials } from "./launch-credentials.ts";
import { decodeLink, encodeLink, isLink, UnlinkableError } from "./link.ts";

/** Values printed in the handbook. */
const STANDARD = { key: "iBmTdavJ8joPW3HO", iv: "tww21lQe6cmywrp3" };
const TESTUSER: LaunchCredentials = { username: "testuser", server: "example.org", password: "testpass" };
const TESTUSER_LINK = "CI8VN8toaE40w8E4OH2rAuFj3Qev9QdLI/Wv/VaBCVK2yNkBZjxE9eafXkkrQfmYdeu01PquS5P40zhUq8Mfjg==";

/** Encrypts any text as a link. */
function seal(plain: string | Uint8Array, { key, iv } = STANDARD): string {
  const cipher = createCipheriv("aes-128-cbc", key, iv);
  return Buffer.concat([cipher.update(plain), cipher.final()]).toString("base64");
}

const printable = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 60 })
  .filter((text) => !/[&\p{Cc}\p{Cs}\u2028\u2029]/u.test(text));
const server = fc.constantFrom(
  "example.org",
  "a",
  "sip.Example.COM",
  "192.0.2.7",
  "[2001:db8::1]",
  "xn--bcher-kva.example",
);
const credentials = fc.record({ username: printable, server, password: printable });
const sixteen = fc.string({
  unit: fc.integer({ min: 0x21, max: 0x7e }).map((c) => String.fromCodePoint(c)),
  minLength: 16,
  maxLength: 16,
});
const secret = fc.record({ key: sixteen, iv: sixteen });

it("writes the handbook's example as openssl does", () => {
  expect(encodeLink(TESTUSER, STANDARD)).toBe(TESTUSER_LINK);
});

it("reads the handbook's example", () => {
  expect(decodeLink(TESTUSER_LINK, STANDARD)).toEqual(TESTUSER);
});

it("reads back whatever it wrote, with every key", () => {
  fc.assert(
    fc.property(credentials, secret, (given, key) => {
      expect(decodeLink(encodeLink(given, key), key)).toEqual(given);
    }),
  );
});

it.each(["a=b", "100%", "%26", "+", " ", "ü€𝄞", "‮abc", "'\"<>", "user=x", "﻿bom"])(
  "carries %j in a user name and a password unchanged",
  (value) => {
    const given = { ...TESTUSER, username: value, password: value };

    expect(decodeLink(encodeLink(given, STANDARD), STANDARD)).toEqual(given);
  },
);

it.each([
  ["username", { username: "a&b" }, "The username contains &, which the link's form has no way to write."],
  ["password", { password: "x&server=evil.example" }, "The password contains &"],
  ["password", { password: "" }, "The password is empty."],
  ["username", { username: "a\r\nb" }, "The username contains a control character or a line break."],
  ["password", { password: "\u0000" }, "The password contains a control character"],
  ["password", { password: "\ud800" }, "The password contains a control character"],
  ["password", { password: "x".repeat(256) }, "The password is longer than 255 characters."],
  ["server", { server: "evil.example/path" }, "The server is not a host name."],
  ["server", { server: "example.org " }, "The server is not a host name."],
  ["server", { server: "bücher.example" }, "The server is not a host name."],
  ["server", { server: "bücher example" }, "The server is not a host name."],
] as const)("refuses a %s that the form cannot carry: %j", (field, change, message) => {
  const encode = () => encodeLink({ ...TESTUSER, ...change }, STANDARD);

  expect(encode).toThrow(UnlinkableError);
  expect(encode).toThrow(expect.objectContaining({ field, code: "unlinkable" }));
  expect(encode).toThrow(message);
});

it("either carries a value or refuses it, and never changes it", () => {
  const anything = fc.string({ unit: "binary", maxLength: 300 });
  const given = fc.record({ username: anything, server: fc.constant("example.org"), password: anything });
  const carriesOrRefuses = (values: LaunchCredentials): boolean => {
    try {
      return isDeepStrictEqual(decodeLink(encodeLink(values, STANDARD), STANDARD), { ...values });
    } catch (error) {
      return error instanceof UnlinkableError;
    }
  };

  fc.assert(fc.property(given, carriesOrRefuses));
});

it("refuses values that make the link too long together", () => {
  const encode = () => encodeLink({ ...TESTUSER, username: "€".repeat(255), password: "€".repeat(255) }, STANDARD);

  expect(encode).toThrow("The password makes the link too long, with the other two.");
});

describe("decodeLink", () => {
  it.each([
    ["nothing", ""],
    ["another order", seal("server=example.org&username=testuser&password=testpass")],
    ["a field more", seal("username=testuser&server=example.org&password=testpass&x=1")],
    ["a field less", seal("username=testuser&server=example.org")],
    ["a field twice", seal("username=a&username=b&server=example.org&password=x")],
    ["an empty field", seal("username=&server=example.org&password=testpass")],
    ["a text before it", seal(" username=testuser&server=example.org&password=testpass")],
    ["a line break", seal("username=testuser&server=example.org&password=testpass\n")],
    ["a server that is none", seal("username=testuser&server=https://evil.example&password=testpass")],
    ["bytes that are no UTF-8", seal(Buffer.from("username=t\xfc&server=example.org&password=testpass", "latin1"))],
    [
      "another key",
      seal("username=testuser&server=example.org&password=testpass", { ...STANDARD, key: "0".repeat(16) }),
    ],
    [
      "another vector",
      seal("username=testuser&server=example.org&password=testpass", { ...STANDARD, iv: "0".repeat(16) }),
    ],
    ["half a block", TESTUSER_LINK.slice(0, 32)],
    ["blocks without an end", Buffer.from(TESTUSER_LINK, "base64").subarray(0, 48).toString("base64")],
  ])("refuses %s", (_what, link) => {
    expect(decodeLink(link, STANDARD)).toBeUndefined();
  });

  it("refuses a link of which one bit was changed, or reads the same form", () => {
    const bytes = Buffer.from(TESTUSER_LINK, "base64");
    fc.assert(
      fc.property(fc.nat(bytes.length * 8 - 1), (bit) => {
        const changed = Buffer.from(bytes);
        changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);

        // The cipher has no authentication: a changed value may pass, a changed form may not.
        const read = decodeLink(changed.toString("base64"), STANDARD);

        expect(read === undefined || Object.values(read).every((value) => !/[&\p{Cc}]/u.test(value))).toBe(true);
        expect(read).not.toEqual(TESTUSER);
      }),
    );
  });
});

describe("isLink", () => {
  it.each([
    ["what Node's decoder would skip", `${TESTUSER_LINK.slice(0, 10)}\n${TESTUSER_LINK.slice(10)}`],
    ["blanks", ` ${TESTUSER_LINK}`],
    ["a script", `${TESTUSER_LINK}"><script>alert(1)</script>`],
    ["the URL-safe alphabet", TESTUSER_LINK.replaceAll("/", "_")],
    ["no padding", TESTUSER_LINK.replace(/=+$/, "")],
    ["bits behind the last byte", TESTUSER_LINK.replace(/g==$/, "h==")],
    ["another length", Buffer.alloc(17).toString("base64")],
    ["more than 2048 characters", Buffer.alloc(1552).toString("base64")],
  ])("refuses %s", (_what, text) => {
    expect(isLink(text)).toBe(false);
  });

  it("accepts nothing but whole blocks, in one spelling", () => {
    const nearly = fc.string({ unit: fc.constantFrom(..."ABCDwxyz0189+/=-_ \n".split("")), maxLength: 96 });
    const blocks = fc.array(fc.uint8Array({ minLength: 16, maxLength: 16 }), { minLength: 1, maxLength: 4 });
    const whole = blocks.map((list) => Buffer.concat(list).toString("base64"));
    fc.assert(
      fc.property(nearly, (text) => {
        const bytes = Buffer.from(text, "base64");
        const isWhole = bytes.length > 0 && bytes.length % 16 === 0 && bytes.toString("base64") === text;
        expect(isLink(text)).toBe(isWhole);
      }),
    );
    fc.assert(fc.property(whole, (text) => isLink(text)));
  });
});
