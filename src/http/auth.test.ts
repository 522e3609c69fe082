import type { RouteOptions } from "fastify";
import { describe, expect, it } from "vitest";
import { buildApiKey, findKey, readPresentedKey } from "./auth.ts";
import { createHttpFixture, KEY } from "../../test/fixtures/http-fixture.ts";
import { createHttpServer } from "./server.ts";

const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;

/** All routes, as the server itself lists them. */
async function listRoutes(): Promise<{ method: string; url: string; isPublic: boolean }[]> {
  const app = createHttpServer({ requireKey: true, names: () => [] }, createHttpFixture().deps);
  const table: RouteOptions[] = [];
  app.addHook("onRoute", (route) => void table.push({ ...route }));
  await app.ready();
  await app.close();
  return table.flatMap(({ method, url, config }) =>
    [method]
      .flat()
      .map((name) => ({ method: name, url: url.replaceAll(/:\w+/g, "x"), isPublic: config?.isPublic === true })),
  );
}

const routes = await listRoutes();
const closed = routes.filter(({ isPublic }) => !isPublic);

describe("a listener that needs a key", () => {
  const { deps, refused } = createHttpFixture();
  const app = createHttpServer({ requireKey: true, names: () => [] }, deps);
  const ask = (method: string, url: string, authorization?: string) =>
    app.inject({ method: method as "GET", url, headers: authorization === undefined ? {} : { authorization } });

  it("knows all routes", () => {
    const known = routes.map(({ method, url }) => `${method} ${url}`);

    expect(known).toEqual(expect.arrayContaining(["GET /push", "POST /push/", "POST /v1/pushes", "GET /metrics"]));
    expect(closed.length).toBeGreaterThan(40);
  });

  it.each(closed)(
    "refuses $method $url without a key, with a wrong one, and with half of one, all alike",
    async (route) => {
      const { method, url } = route;
      const wrong = [
        undefined,
        "Bearer wrong",
        `Bearer ${KEY.slice(0, -1)}`,
        basic("x:wrong"),
        basic(KEY),
        `Digest ${KEY}`,
      ];

      const answers = await Promise.all(wrong.map((authorization) => ask(method, url, authorization)));

      expect(answers.map(({ statusCode }) => statusCode)).toEqual(wrong.map(() => 401));
      expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
      expect(answers[0]?.headers["www-authenticate"]).toBe(
        'Bearer realm="sip-pushd", Basic realm="sip-pushd", charset="UTF-8"',
      );
    },
  );

  it.each(closed)("opens $method $url to a bearer token and to HTTP Basic", async ({ method, url }) => {
    const answers = [await ask(method, url, `Bearer ${KEY}`), await ask(method, url, basic(`sems:${KEY}`))];

    for (const { statusCode } of answers) expect(statusCode).not.toBe(401);
  });

  it("takes the key in X-API-Key as well, and a wrong one no better", async () => {
    const withHeader = async (key: string) =>
      (await app.inject({ url: "/push", headers: { "x-api-key": key } })).statusCode;

    expect([await withHeader(KEY), await withHeader("wrong"), await withHeader("")]).toEqual([200, 401, 401]);
  });

  it.each(["/nothing", "/v1/%zz", `/v1/pushes/${"x".repeat(3000)}`, "/healthz/x", "//push"])(
    "refuses %s before it says whether it exists",
    async (url) => {
      expect((await ask("GET", url)).statusCode).toBe(401);
    },
  );

  it("answers on /healthz without a key", async () => {
    expect((await ask("GET", "/healthz")).statusCode).toBe(200);
    expect((await ask("HEAD", "/healthz")).statusCode).toBe(200);
  });

  it("reports who knocked", async () => {
    refused.length = 0;
    await ask("GET", "/push", "Bearer wrong");

    expect(refused).toMatchObject([{ dialect: "fake", code: "unauthorized", remoteAddress: "127.0.0.1" }]);
    expect(JSON.stringify(refused)).not.toContain('wrong"');
  });

  it("keeps the name of the key with the request", async () => {
    const names: (string | null)[] = [];
    const watched = createHttpServer({ requireKey: true, names: () => [] }, deps);
    watched.addHook("onResponse", async ({ keyName }) => void names.push(keyName));

    await watched.inject({ url: "/push", headers: { authorization: `Bearer ${KEY}` } });
    await watched.inject({ url: "/push", headers: { authorization: "Bearer another-key" } });
    await watched.inject({ url: "/push" });

    expect(names).toEqual(["proxy", "chat", null]);
  });
});

describe("a listener on loopback", () => {
  it("asks for no key", async () => {
    const app = createHttpServer({ requireKey: false, names: () => [] }, createHttpFixture().deps);

    expect((await app.inject("/push")).statusCode).toBe(200);
  });
});

describe("readPresentedKey", () => {
  it.each([
    ["Bearer abc", "abc"],
    ["bearer  abc", "abc"],
    [basic("user:a:b"), "a:b"],
    [basic(":abc"), "abc"],
    [basic("abc"), undefined],
    ["Bearer", undefined],
    ["Bearer a b", undefined],
    ["abc", undefined],
    ["", undefined],
    [undefined, undefined],
  ])("reads %j as %j", (header, key) => {
    expect(readPresentedKey(header)).toBe(key);
  });
});

describe("findKey", () => {
  it("finds any of the keys, and nothing where there are none", () => {
    const keys = [buildApiKey("a", "1"), buildApiKey("b", "2")];

    expect(findKey("1", keys)?.name).toBe("a");
    expect(findKey("2", keys)?.name).toBe("b");
    expect(findKey("3", keys)).toBeUndefined();
    expect(findKey("", [])).toBeUndefined();
  });
});
