import { createHash } from "node:crypto";
import { runInNewContext } from "node:vm";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exchange } from "../../test/fixtures/http-fixture.ts";
import {
  aLaunchApp,
  DESKTOP,
  IPHONE,
  STANDARD_SECRET,
  startLaunchFixture,
} from "../../test/fixtures/launch-fixture.ts";
import { encodeLink } from "./link.ts";

const TESTUSER = { username: "testuser", server: "example.org", password: "testpass" };
const LINK = encodeLink(TESTUSER, STANDARD_SECRET);
const QUERY = `c=${encodeURIComponent(LINK)}`;

it.each(["/p", "/sipphone"])("sends a phone on to the app, from %s", async (path) => {
  await using fixture = await startLaunchFixture();

  const answer = await fixture.open(`${path}?${QUERY}`);

  expect(answer.status).toBe(302);
  expect(answer.headers.get("location")).toBe(`sipphone://${LINK}`);
  expect(fixture.outcomes).toEqual(["redirected"]);
});

it("takes a link of which nobody has escaped the Base64", async () => {
  await using fixture = await startLaunchFixture();
  const link = encodeLink({ ...TESTUSER, username: "testuser27" }, STANDARD_SECRET);
  expect(link).toMatch(/\+/);

  const answer = await fixture.open(`/p?c=${link}`);

  expect(answer.headers.get("location")).toBe(`sipphone://${link}`);
});

it("takes a link to which a mailer has added its own parameters", async () => {
  await using fixture = await startLaunchFixture();

  const answer = await fixture.open(`/p?utm_source=mail&${QUERY}&fbclid=abc`);

  expect(answer.headers.get("location")).toBe(`sipphone://${LINK}`);
});

it("keeps a link from caches, referrers, frames and search engines", async () => {
  await using fixture = await startLaunchFixture();

  for (const path of [`/p?${QUERY}`, "/p?c=bad"]) {
    const { headers } = await fixture.open(path);

    expect(Object.fromEntries(headers)).toMatchObject({
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      "x-robots-tag": "noindex",
      "content-security-policy": expect.stringMatching(
        /^default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'/,
      ),
    });
  }
});

it("needs no API key, where all else does", async () => {
  await using fixture = await startLaunchFixture({ requireKey: true });

  expect((await fixture.open(`/p?${QUERY}`)).status).toBe(302);
  expect((await fixture.open("/readyz")).status).toBe(401);
});

describe("a desktop browser", () => {
  it("gets a page with a button, a code for the phone, and the stores", async () => {
    const stores = { apple: "https://apps.apple.com/app/id1?a=1&b=2", google: "https://play.google.com/store" };
    await using fixture = await startLaunchFixture({ apps: [aLaunchApp({ stores })] });

    const answer = await fixture.open(`/p?${QUERY}`, { "user-agent": DESKTOP });
    const page = await answer.text();

    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(page).toContain(`<a class="button" href="sipphone://${LINK}">Open the app</a>`);
    expect(page).toContain('href="https://apps.apple.com/app/id1?a=1&amp;b=2"');
    expect(page).toContain("Get Example Phone from Google Play");
    expect(page).toContain('<svg class="qr" role="img"');
    expect(fixture.outcomes).toEqual(["shown"]);
  });

  it("gets no markup from the configuration", async () => {
    const name = `<img src=x onerror="alert(1)">`;
    await using fixture = await startLaunchFixture({ apps: [aLaunchApp({ name })] });

    const page = await (await fixture.open(`/p?${QUERY}`, { "user-agent": DESKTOP })).text();

    expect(page).not.toContain("<img");
    expect(page).toContain("&lt;img src=x onerror=&quot;alert(1)&quot;&gt;");
  });

  it("gets no list of stores where none is configured", async () => {
    await using fixture = await startLaunchFixture();

    const page = await (await fixture.open(`/p?${QUERY}`, { "user-agent": DESKTOP })).text();

    expect(page).not.toContain("<ul>");
  });
});

describe("a browser that calls itself a Macintosh, as Safari on iPads does", () => {
  const MACINTOSH =
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15";

  it.each([
    ["opens the app", 5, [`sipphone://${LINK}`]],
    ["stays", 0, []],
  ])("%s with %i touch points, by the one script that its page admits", async (_what, maxTouchPoints, expected) => {
    await using fixture = await startLaunchFixture();

    const answer = await fixture.open(`/p?${QUERY}`, { "user-agent": MACINTOSH });
    const page = await answer.text();
    const [, script = ""] = /<script>(.+)<\/script>/.exec(page) ?? [];
    const [, href = ""] = /<a class="button" href="([^"]+)"/.exec(page) ?? [];
    const opened: string[] = [];
    runInNewContext(script, {
      navigator: { maxTouchPoints },
      location: { replace: (url: string) => void opened.push(url) },
      document: { querySelector: (selector: string) => (selector === "a.button" ? { href } : undefined) },
    });

    expect(opened).toEqual(expected);
    expect(answer.headers.get("content-security-policy")).toContain(
      `; script-src 'sha256-${createHash("sha256").update(script).digest("base64")}'`,
    );
  });

  it("is the only one with a script", async () => {
    await using fixture = await startLaunchFixture();

    const answer = await fixture.open(`/p?${QUERY}`, { "user-agent": DESKTOP });

    expect(await answer.text()).not.toContain("<script");
    expect(answer.headers.get("content-security-policy")).not.toContain("script-src");
  });
});

/** Attempts to redirect elsewhere, each appended to `/p`. */
const ABUSE = [
  "",
  "?",
  "?c",
  "?c=",
  "?x=1",
  `?C=${encodeURIComponent(LINK)}`,
  `?${QUERY}&${QUERY}`,
  `?c[]=${encodeURIComponent(LINK)}`,
  `?c=a&c=b`,
  "?c=https://evil.example/",
  "?c=//evil.example/%23",
  "?c=https%3A%2F%2Fevil.example%2F",
  "?c=javascript:alert(1)",
  "?c=data:text/html;base64,PHNjcmlwdD4=",
  `?${QUERY}%0d%0aSet-Cookie:%20a=b`,
  `?${QUERY}%0a`,
  `?${QUERY}%00`,
  `?c=%0d%0aLocation:%20https://evil.example/%0d%0a`,
  `?${QUERY}%22%3E%3Cscript%3Ealert(1)%3C/script%3E`,
  `?${QUERY}#@evil.example`.replace("#", "%23"),
  `?${QUERY}@evil.example`,
  `?${QUERY}%2F..%2F..%2F`,
  `?${QUERY}%20`,
  `?c=%20${encodeURIComponent(LINK)}`,
  `?c=${encodeURIComponent(LINK.replace(/=+$/, ""))}`,
  `?c=${encodeURIComponent(LINK.slice(0, 40))}`,
  `?c=${encodeURIComponent(encodeURIComponent(LINK))}`,
  `?c=${encodeURIComponent(LINK.replaceAll("/", "_"))}`,
  `?c=${encodeURIComponent(`sipphone://${LINK}`)}`,
  `?c=${encodeURIComponent(LINK)}%C4%80`,
  "?c=%E2%82%AC%E2%82%AC",
  "?c=%",
  "?c=%c3%28",
  `?c=${"A".repeat(4096)}`,
  `?c=${encodeURIComponent(Buffer.from("username=a&server=b&password=c      ").toString("base64"))}`,
];

describe("the abuse corpus", () => {
  it.each(ABUSE.map((query) => [query.slice(0, 120), query]))("gets no redirect for /p%s", async (_start, query) => {
    await using fixture = await startLaunchFixture();

    const answer = await fixture.open(`/p${query}`);

    expect(answer.status).toBe(400);
    expect(answer.headers.get("location")).toBeNull();
    expect(answer.headers.get("set-cookie")).toBeNull();
    expect(await answer.text()).not.toMatch(/evil|<script|alert\(/);
    expect(fixture.outcomes).toEqual(["refused"]);
    expect(fixture.unexpected).toEqual([]);
  });

  it.each([
    ["/p/", 404],
    ["//evil.example/p", 404],
    ["/p/..%2f..%2fetc", 404],
    ["/P", 404],
  ])("finds nothing at %s", async (path, status) => {
    await using fixture = await startLaunchFixture();

    expect((await fixture.open(`${path}?${QUERY}`)).status).toBe(status);
  });

  it("answers raw bytes in the request line without a redirect and without an error of its own", async () => {
    await using fixture = await startLaunchFixture();

    for (const raw of ["/p?c=\xff\xfe", `/p?${QUERY}\x01`, '/p?c="><script>', "/p?c=\u00e4"]) {
      const answer = await exchange(fixture.port, `GET ${raw} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);

      expect(answer).toMatch(/^HTTP\/1\.1 400 /);
      expect(answer).not.toMatch(/\r\nlocation:/i);
    }
    expect(fixture.unexpected).toEqual([]);
  });

  it("redirects to one form of address, if to any, whatever is asked", async () => {
    await using fixture = await startLaunchFixture();
    const part = fc.oneof(
      fc.constantFrom(LINK, encodeURIComponent(LINK), "c=", "&", "=", "%0d%0a", "%", "//", "#", "http://"),
      fc.string({ maxLength: 20 }).map((text) => text.replaceAll(/[\s#]/g, "")),
    );
    const query = fc.array(part, { maxLength: 6 }).map((parts) => parts.join(""));

    await fc.assert(
      fc.asyncProperty(query, async (text) => {
        const answer = await fixture.open(`/p?c=${text}`);
        const location = answer.headers.get("location");

        expect([302, 400]).toContain(answer.status);
        expect(location === null || /^sipphone:\/\/[A-Za-z0-9+/]+={0,2}$/.test(location)).toBe(true);
        await answer.arrayBuffer();
      }),
      // At least one that opens.
      { examples: [[encodeURIComponent(LINK)]] },
    );
    expect(fixture.outcomes).toContain("redirected");
    expect(fixture.unexpected).toEqual([]);
  });

  it.each(["POST", "PUT", "DELETE"])("does nothing for %s", async (method) => {
    await using fixture = await startLaunchFixture();

    const answer = await fetch(`${fixture.url}/p?${QUERY}`, { method, redirect: "manual" });

    expect(answer.status).toBe(405);
    expect(fixture.outcomes).toEqual([]);
  });
});

describe("domains with an app of their own", () => {
  const brandSecret = { key: "0123456789abcdef", iv: "fedcba9876543210" };
  const brand = aLaunchApp({
    domain: "brand.example",
    scheme: "brandphone",
    secret: brandSecret,
    paths: ["/p", "/brand"],
  });
  const apps = [brand, aLaunchApp()];
  const linkOf = (server: string, secret: typeof brandSecret) =>
    `c=${encodeURIComponent(encodeLink({ ...TESTUSER, server }, secret))}`;

  it.each([
    ["its own key, on a shared path", "/p", "brand.example", brandSecret, "brandphone:"],
    ["its own key, on its own path", "/brand", "BRAND.example", brandSecret, "brandphone:"],
    ["the common key, for another domain", "/p", "example.org", STANDARD_SECRET, "sipphone:"],
  ])("opens %s", async (_what, path, server, secret, scheme) => {
    await using fixture = await startLaunchFixture({ apps });

    const answer = await fixture.open(`${path}?${linkOf(server, secret)}`);

    expect(answer.headers.get("location")?.split("//")[0]).toBe(scheme);
  });

  it.each([
    ["the common key for its domain", "/p", "brand.example", STANDARD_SECRET],
    ["its key for another domain", "/p", "example.org", brandSecret],
    ["another domain on its own path", "/brand", "example.org", STANDARD_SECRET],
  ])("refuses %s", async (_what, path, server, secret) => {
    await using fixture = await startLaunchFixture({ apps });

    expect((await fixture.open(`${path}?${linkOf(server, secret)}`)).status).toBe(400);
  });
});

describe("the rate limit", () => {
  it("answers 429 to who has opened too many, until time has passed", async () => {
    await using fixture = await startLaunchFixture({ perMinute: 2 });
    const statuses = async (count: number) => {
      const found: number[] = [];
      for (let asked = 0; asked < count; asked += 1) found.push((await fixture.open(`/p?${QUERY}`)).status);
      return found;
    };

    expect(await statuses(3)).toEqual([302, 302, 429]);
    const limited = await fixture.open("/p?c=guess");
    fixture.time.now += 30_000;

    expect(limited.headers.get("retry-after")).toBe("60");
    expect(await statuses(2)).toEqual([302, 429]);
    expect(fixture.outcomes).toEqual(["redirected", "redirected", "limited", "limited", "redirected", "limited"]);
  });

  it("counts by what a trusted proxy says of the client", async () => {
    await using fixture = await startLaunchFixture({ perMinute: 1, trustedProxies: ["127.0.0.1"] });
    const openFrom = (client: string) => fixture.open(`/p?${QUERY}`, { "x-forwarded-for": client });

    expect((await openFrom("192.0.2.1")).status).toBe(302);
    expect((await openFrom("192.0.2.2")).status).toBe(302);
    expect((await openFrom("198.51.100.9, 192.0.2.1")).status).toBe(429);
  });

  it("does not believe a client that calls itself a proxy", async () => {
    await using fixture = await startLaunchFixture({ perMinute: 1 });
    const openFrom = (client: string) => fixture.open(`/p?${QUERY}`, { "x-forwarded-for": client });

    expect((await openFrom("192.0.2.1")).status).toBe(302);
    expect((await openFrom("192.0.2.2")).status).toBe(429);
  });
});

it("leaves the user agent to say who is a phone", async () => {
  await using fixture = await startLaunchFixture();
  const agents = [
    [IPHONE, 302],
    ["Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36", 302],
    ["Mozilla/5.0 (Windows Phone 10.0; Windows NT 10.0; Android 4.2.1) Mobile", 302],
    ["curl/8.5.0", 302],
    ["Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.1 Safari/605.1.15", 200],
    ["Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", 200],
  ] as const;

  for (const [agent, status] of agents) {
    expect([agent, (await fixture.open(`/p?${QUERY}`, { "user-agent": agent })).status]).toEqual([agent, status]);
  }
});
