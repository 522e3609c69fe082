import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buildAor, domainOf, readDomain, readUser } from "./address.ts";

/** Looks like the letter k, and lower-cases to it. */
const KELVIN_SIGN = "\u212A";
const LONG_LABEL = "a".repeat(63);
const LONGEST_DOMAIN = [LONG_LABEL, LONG_LABEL, LONG_LABEL, "a".repeat(61)].join(".");

const anyText = fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" }), fc.string());

describe("readDomain", () => {
  it.each([
    ["example.org", "example.org"],
    ["EXAMPLE.Org", "example.org"],
    ["  example.org\r\n", "example.org"],
    ["localhost", "localhost"],
    ["192.0.2.1", "192.0.2.1"],
    ["[2001:DB8::1]", "[2001:db8::1]"],
    ["xn--mnchen-3ya.example", "xn--mnchen-3ya.example"],
    ["_sip.example.org", "_sip.example.org"],
    ["münchen.example", "xn--mnchen-3ya.example"],
    ["EXÄMPLE.Org", "xn--exmple-cua.org"],
    [`${LONG_LABEL}.org`, `${LONG_LABEL}.org`],
    [LONGEST_DOMAIN, LONGEST_DOMAIN],
  ])("reads %j", (text, domain) => {
    expect(readDomain(text)).toBe(domain);
  });

  it.each([
    ["nothing", ""],
    ["blanks", "   "],
    ["a trailing dot", "example.org."],
    ["a leading dot", ".example.org"],
    ["two dots", "example..org"],
    ["a leading hyphen", "-example.org"],
    ["a trailing hyphen", "example-.org"],
    ["a label of 64", `${"a".repeat(64)}.org`],
    ["254 characters", `${LONGEST_DOMAIN}a`],
    ["a port", "example.org:5060"],
    ["a parameter", "example.org;transport=tcp"],
    ["a resource", "example.org/phone"],
    ["a second line", "example.org\r\nx-injected: 1"],
    ["a NUL", "example.org\u0000"],
    ["an IDN with a character that no domain name has", "mün☃☃/chen.example"],
    ["a character that only lower-cases to ASCII", `${KELVIN_SIGN}amailio.example`],
    ["an IPv6 address without brackets", "2001:db8::1"],
    ["an IPv6 reference with a zone", "[fe80::1%eth0]"],
    ["a wildcard", "*.example.org"],
    ["a path", "../etc"],
  ])("refuses %s", (_what, text) => {
    expect(readDomain(text)).toBeUndefined();
  });

  it("answers at once, however long and crooked the text is", () => {
    const startedAt = performance.now();

    for (const part of ["a", "a-", "a.", "-", "_", "[:"]) readDomain(part.repeat(100_000));

    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });

  it("answers lower-case ASCII that it reads as itself again, or nothing", () => {
    fc.assert(
      fc.property(fc.oneof(anyText, fc.domain()), (text) => {
        const domain = readDomain(text);

        if (domain === undefined) return;
        expect(domain).toMatch(/^[a-z0-9_.:[\]-]{1,253}$/);
        expect(readDomain(domain)).toBe(domain);
      }),
    );
  });
});

describe("readUser", () => {
  it.each([
    ["alice", "alice"],
    ["Alice", "Alice"],
    [" alice ", "alice"],
    ["+4315551234", "+4315551234"],
    ["o'hara", "o'hara"],
    ["%61lice", "%61lice"],
    ["é", "é"],
    ["a".repeat(255), "a".repeat(255)],
  ])("reads %j", (text, user) => {
    expect(readUser(text)).toBe(user);
  });

  it.each([
    ["nothing", ""],
    ["blanks", " \t"],
    ["256 characters", "a".repeat(256)],
    ["a blank inside", "al ice"],
    ["a no-break space inside", "al\u00a0ice"],
    ["a line break", "alice\r\nbob"],
    ["a NUL", "alice\u0000"],
    ["an escape of the terminal", "alice\u001b[31m"],
    ["a control character of the second set", "alice\u009b31m"],
    ["an at sign", "alice@evil"],
    ["angle brackets", "<alice>"],
    ["a quote", 'ali"ce'],
    ["a password, or another scheme", "alice:secret"],
    ["half a character", "alice\ud800"],
  ])("refuses %s", (_what, text) => {
    expect(readUser(text)).toBeUndefined();
  });
});

describe("domainOf", () => {
  it.each([
    [buildAor("alice", "example.org"), "example.org"],
    [buildAor("alice", "[2001:db8::1]"), "[2001:db8::1]"],
  ])("answers the tenant of %s", (aor, domain) => {
    expect(domainOf(aor)).toBe(domain);
  });
});
