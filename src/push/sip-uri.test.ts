import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buildAor } from "./address.ts";
import { readAor, readCallee, readSipHost, readSipUri, readSipUser } from "./sip-uri.ts";

const anyText = fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" }), fc.string());

describe("readSipUri", () => {
  it("takes a name-addr apart", () => {
    expect(readSipUri('"A <b> \\" c" <sips:%61lice;x=1@EXAMPLE.org:5061;Transport=TCP;lr?a=b>;tag=1')).toEqual({
      scheme: "sips",
      user: "alice",
      host: "example.org",
      port: 5061,
      parameters: new Map([
        ["transport", "TCP"],
        ["lr", ""],
      ]),
    });
  });

  it.each([
    ["tel:+43-1-(555).12;phone-context=x", { scheme: "tel", user: "+4315551 2".replace(" ", "") }],
    ["sip:example.org:5070", { scheme: "sip", host: "example.org", port: 5070 }],
    ["<sip:a@[2001:DB8::1]:5070>", { scheme: "sip", user: "a", host: "[2001:db8::1]", port: 5070 }],
  ])("reads %j", (text, uri) => {
    expect(readSipUri(text)).toMatchObject(uri);
  });
});

describe("readAor", () => {
  it.each([
    ["alice@example.org", "alice@example.org"],
    ["Alice@EXAMPLE.org", "Alice@example.org"],
    ["sip:alice@example.org", "alice@example.org"],
    ["SIPS:alice@example.org", "alice@example.org"],
    ["xmpp:alice@example.org", "alice@example.org"],
    [" alice@example.org ", "alice@example.org"],
    ["alice@[2001:db8::1]", "alice@[2001:db8::1]"],
    ["sip:alice@[2001:DB8::1]:5070;transport=udp", "alice@[2001:db8::1]"],
    ["alice@example.org;transport=tcp", "alice@example.org"],
    ["sip:alice@example.org:5070", "alice@example.org"],
    ["sip:alice@example.org:5060;transport=UDP", "alice@example.org"],
    ["sip:+43155@example.org;user=phone", "+43155@example.org"],
    ["sip:+431;phone-context=x@example.org", "+431@example.org"],
    ["sip:%61lice@example.org", "alice@example.org"],
    ["sip:%2B431@example.org", "+431@example.org"],
    ["sip:alice@exämple.org", "alice@xn--exmple-cua.org"],
    ["sip:alice@example.org;x=a@b", "alice@example.org"],
    ["sip:alice@example.org?subject=a@b", "alice@example.org"],
    ["<sip:alice@example.org>", "alice@example.org"],
    ["<sip:alice@example.org>;tag=x", "alice@example.org"],
    ['"Alice" <sip:alice@example.org>', "alice@example.org"],
    ['"<sip:bob@example.org>" <sip:alice@example.org>', "alice@example.org"],
    ["Alice <3 <sip:alice@example.org>", "alice@example.org"],
    ['sip:alice@example.org;+sip.instance="<urn:uuid:1>"', "alice@example.org"],
    ["a;b@example.org", "a@example.org"],
    ["a%3Bb@example.org", "a%3Bb@example.org"],
    ["a%2561@example.org", "a%2561@example.org"],
    ["a%ff@example.org", "a%ff@example.org"],
  ])("reads %j", (text, aor) => {
    expect(readAor(text)).toBe(aor);
  });

  it.each([
    ["alice"],
    [""],
    ["@"],
    ["@example.org"],
    ["alice@"],
    ["sip:@example.org"],
    ["alice@evil@example.org"],
    ["alice@example.org/phone"],
    ["alice:secret@example.org"],
    ["sip:sip:alice@example.org"],
    ["tel:+4315551234"],
    ["alice@example.org, bob@example.org"],
    ["sip:alice%40evil@example.org"],
    ["sip:alice%0D%0Abob@example.org"],
    ["sip:%20alice@example.org"],
    ["<sip:alice@example.org"],
    ['"Alice <sip:alice@example.org>'],
    ["alice@example.org:port"],
  ])("refuses %j", (text) => {
    expect(readAor(text)).toBeUndefined();
  });

  it("answers an address that it reads as itself again, or nothing", () => {
    const pieces = fc.constantFrom(
      "%",
      "%25",
      "%3B",
      "%3b",
      "%ff",
      "%41",
      "3B",
      "61",
      ";",
      ":",
      "<",
      ">",
      '"',
      "sip:",
      "a",
      "+",
    );
    const crookedUser = fc.array(pieces, { maxLength: 12 }).map((list) => list.join(""));
    const crooked = fc
      .tuple(fc.oneof(anyText, crookedUser), fc.oneof(anyText, fc.domain()))
      .map(([user, domain]) => `${user}@${domain}`);

    fc.assert(
      fc.property(fc.oneof(anyText, crooked), (text) => {
        const aor = readAor(text);

        if (aor === undefined) return;
        expect(aor.split("@")).toHaveLength(2);
        expect(aor.isWellFormed()).toBe(true);
        expect(readAor(aor)).toBe(aor);
      }),
      { numRuns: 5_000 },
    );
  });

  it("takes scheme, port, parameters and display name off, and nothing else of the address", () => {
    const scheme = fc.mixedCase(fc.constantFrom("", "sip:", "sips:", "xmpp:"));
    const user = fc.stringMatching(/^[A-Za-z0-9.+_-]{1,30}$/);
    const port = fc.constantFrom("", ":5060", ":1");
    const parameters = fc.constantFrom("", ";user=phone", ";transport=UDP;lr", "?subject=x");
    const wrap = fc.constantFrom(
      (uri: string) => uri,
      (uri: string) => `<${uri}>`,
      (uri: string) => `"<b> \\"" <${uri}>;tag=x`,
    );

    fc.assert(
      fc.property(scheme, user, fc.domain(), port, parameters, wrap, (scheme, user, domain, port, parameters, wrap) => {
        const text = wrap(`${scheme}${user}@${domain.toUpperCase()}${port}${parameters}`);
        expect(readAor(text)).toBe(buildAor(user, domain.toLowerCase()));
      }),
    );
  });

  it("takes a time that grows with the text and no faster", () => {
    const parts = ["<", '"', "\\", "%41", "%ff", ";", "@", "sip:", "a@b;", "<sip:", ":1", "ä"];
    for (const part of parts) {
      const cost = (count: number) => {
        const text = `sip:a${part.repeat(count)}@example.org`;
        return Math.min(...Array.from({ length: 5 }, () => cpuOf(() => readAor(text))));
      };
      cost(1_000);
      // A quadratic parser takes a hundred times as long.
      expect(cost(200_000)).toBeLessThan(40 * cost(20_000) + 20_000);
    }
  });
});

function cpuOf(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

describe("readSipUser", () => {
  it.each([
    ["alice", "alice"],
    ["sip:alice;user=phone", "alice"],
    ["tel:+43-1-555", "+431555"],
    ["%2B43", "+43"],
  ])("reads %j", (text, user) => {
    expect(readSipUser(text)).toBe(user);
  });

  it.each(["", "alice:secret", "a b", "<null>"])("refuses %j", (text) => {
    expect(readSipUser(text)).toBeUndefined();
  });
});

describe("readSipHost", () => {
  it.each([
    ["example.org:5060", "example.org"],
    ["Example.org;transport=udp", "example.org"],
    ["[2001:db8::1]:5060", "[2001:db8::1]"],
  ])("reads %j", (text, host) => {
    expect(readSipHost(text)).toBe(host);
  });
});

describe("readCallee", () => {
  it.each([
    ["alice", "example.org", { aor: "alice@example.org" }],
    ["sip:alice@example.org:5070", "example.org:5060", { aor: "alice@example.org" }],
    ["alice@example.org", undefined, { aor: "alice@example.org" }],
    ["alice@example.org", "example.net", { wrong: "domain", why: "contradicts the domain in callee" }],
    ["a b", "example.org", { wrong: "callee", why: "cannot be the user part of an address" }],
  ])("reads %j beside %j", (callee, domain, reading) => {
    expect(readCallee(callee, domain)).toEqual(reading);
  });
});
