import { describe, expect, it } from "vitest";
import { createHttpFixture, createTlsMaterial, KEY } from "../../test/fixtures/http-fixture.ts";
import { findForeignSign, isForwardedFromElsewhere } from "./foreign-request.ts";
import { readCertificateNames } from "./certificate-names.ts";
import { createHttpServer } from "./server.ts";

const NAMES = ["push.example.org", "*.wild.example.org", "Proxy.Example.ORG."];

describe("a request to a listener without keys", () => {
  it.each([
    {},
    { host: "127.0.0.1:45060" },
    { host: "[::1]:45060" },
    { host: "localhost" },
    { host: "localhost.localdomain:1" },
    { host: "pushd.localhost" },
    { host: "pushd:45060" },
    { host: "push.example.org:45060" },
    { host: "PUSH.example.org." },
    { host: "a.wild.example.org" },
    { host: "proxy.example.org" },
    { ":authority": "push.example.org:45060" },
    { host: "localhost:45059", origin: "http://localhost:45059" },
    { host: "push.example.org", origin: "https://push.example.org", "sec-fetch-site": "same-origin" },
    { host: "localhost:45059", "sec-fetch-site": "none" },
  ])("comes from a program of this machine: %j", (headers) => {
    expect(findForeignSign(headers, NAMES)).toBeUndefined();
  });

  it.each([
    [{ host: "rebind.evil.example" }, /add rebind\.evil\.example to the listener's names/],
    [{ host: "evil.wild.example.org.evil.example:80" }, /names/],
    [{ host: "a.b.wild.example.org" }, /names/],
    [{ host: "wild.example.org" }, /names/],
    [{ ":authority": "rebind.evil.example" }, /names/],
    [{ host: "127.0.0.1.evil.example" }, /names/],
    [{ host: "localhost.evil.example" }, /names/],
    [{ host: "two hosts" }, /names/],
    [{ host: "localhost:45059", origin: "http://evil.example" }, /require_key/],
    [{ host: "localhost:45059", origin: "http://localhost:3000" }, /require_key/],
    [{ host: "localhost:45059", origin: "null" }, /require_key/],
    [{ origin: "http://localhost" }, /require_key/],
    [{ host: "localhost", "sec-fetch-site": "cross-site" }, /require_key/],
    [{ host: "localhost", "sec-fetch-site": "same-site" }, /require_key/],
  ])("is foreign, and the log says what admits it: %j", (headers, hint) => {
    expect(findForeignSign(headers, NAMES)?.hint).toMatch(hint);
  });
});

describe("a request that a proxy has passed on", () => {
  it.each([
    {},
    { "x-forwarded-for": "127.0.0.1" },
    { "x-forwarded-for": "::1, 127.9.9.9" },
    { "x-forwarded-for": "[::1]:4711" },
    { "x-forwarded-for": "::ffff:127.0.0.1" },
    { forwarded: 'for="[::1]:80";proto=https' },
  ])("comes from this machine: %j", (headers) => {
    expect(isForwardedFromElsewhere(headers)).toBe(false);
  });

  it.each([
    { "x-forwarded-for": "203.0.113.5" },
    { "x-forwarded-for": "127.0.0.1, 203.0.113.5" },
    { "x-forwarded-for": "unknown" },
    { "x-forwarded-for": "203.0.113.5:1234" },
    { forwarded: "for=203.0.113.5" },
    { forwarded: 'proto=https;For="[2001:db8::1]"' },
    { forwarded: "for=127.0.0.1, for=_hidden" },
  ])("comes from elsewhere, whatever else it says: %j", (headers) => {
    expect(isForwardedFromElsewhere(headers)).toBe(true);
  });
});

it("reads the names of a certificate, and none of what is no certificate", () => {
  expect(readCertificateNames(createTlsMaterial().certificate)).toContain("localhost");
  expect(readCertificateNames("-----BEGIN CERTIFICATE-----\n")).toEqual([]);
});

describe("a server on loopback without keys", () => {
  const { deps, refused, asked } = createHttpFixture();
  const app = createHttpServer({ requireKey: false, names: () => NAMES }, deps);
  const FOREIGN = { host: "rebind.evil.example" };

  it.each(["/push?callee=a&domain=example.org", "/v1/providers", "/metrics", "/readyz", "/nothing"])(
    "refuses what is foreign at %s, and reports it",
    async (url) => {
      const answer = await app.inject({ url, headers: FOREIGN });

      expect(answer.statusCode).toBe(403);
      expect(answer.json()).toMatchObject({ code: "foreign_request" });
      expect(refused.at(-1)).toMatchObject({ code: "foreign_request", hint: expect.stringContaining("names") });
      expect(asked).toEqual([]);
    },
  );

  it("asks for a key where a proxy passes on what came from elsewhere", async () => {
    const answer = await app.inject({ url: "/v1/providers", headers: { "x-forwarded-for": "203.0.113.5" } });

    expect(answer.statusCode).toBe(401);
    expect(refused.at(-1)?.hint).toMatch(/proxy/);
  });

  it("lets in whatever shows a key", async () => {
    const headers = { ...FOREIGN, "x-forwarded-for": "203.0.113.5", authorization: `Bearer ${KEY}` };

    expect((await app.inject({ url: "/v1/providers", headers })).statusCode).toBe(200);
  });

  it("leaves open what is open to everybody", async () => {
    expect((await app.inject({ url: "/healthz", headers: FOREIGN })).statusCode).toBe(200);
    const call = await app.inject({ url: "/v1/calls/x?token=secret", headers: { ...FOREIGN, origin: "null" } });
    expect(call.statusCode).toBe(404);
  });
});
