import { describe, expect, it } from "vitest";
import { gzipSync } from "node:zlib";
import { aPush } from "../../test/fixtures/builders.ts";
import { createHttpFixture, PUSH_ID } from "../../test/fixtures/http-fixture.ts";
import { exchangeRaw, serve } from "../../test/fixtures/http-tools.ts";
import { createHttpServer } from "./server.ts";

describe("a request without content", () => {
  const app = createHttpServer(
    { requireKey: false, names: () => [] },
    createHttpFixture({ pushes: [{ ...aPush(), id: PUSH_ID, state: "failed" }] }).deps,
  );

  it.each(["application/json", "application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x"])(
    "may say that it is %s",
    async (type) => {
      const headers = { "content-type": type };

      const removed = await app.inject({ method: "DELETE", url: "/v1/subscribers/a@example.org/devices/x", headers });
      const cancelled = await app.inject({ method: "DELETE", url: `/v1/pushes/${PUSH_ID}`, headers });
      const replayed = await app.inject({ method: "POST", url: `/v1/dead-letters/${PUSH_ID}/replay`, headers });

      expect([400, 415]).not.toContain(removed.statusCode);
      expect([400, 415]).not.toContain(cancelled.statusCode);
      expect(replayed.statusCode).toBe(202);
    },
  );

  it("is told that a body is missing where one is needed", async () => {
    const answer = await app.inject({
      method: "POST",
      url: "/v1/pushes",
      headers: { "content-type": "application/json" },
    });

    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({
      code: "invalid_json",
      detail: "The body is empty; a JSON object is needed.",
    });
  });
});

it.each(["/push", "/v1/pushes"])("refuses a compressed body at %s with 415 and none of its bytes", async (url) => {
  const { deps, refused } = createHttpFixture();
  const app = createHttpServer({ requireKey: false, names: () => [] }, deps);

  const answer = await app.inject({
    method: "POST",
    url,
    headers: { "content-type": "application/json", "content-encoding": "gzip" },
    body: gzipSync('{"callee":"a@example.org"}'),
  });

  expect(answer.statusCode).toBe(415);
  expect(answer.json()).toMatchObject({ code: "unsupported_content_type", field: "content-encoding" });
  expect(JSON.stringify(refused)).not.toMatch(/\\u001f|\u001f/);
});

describe("a head that breaks HTTP's rules", () => {
  it.each([
    ["two Host headers", "GET /push HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n", 400, "invalid_header"],
    ["no Host header", "GET /push HTTP/1.1\r\n", 400, "invalid_header"],
    ["an unknown expectation", "GET /push HTTP/1.1\r\nHost: localhost\r\nExpect: x\r\n", 417, "expectation_failed"],
  ])("with %s is answered with a problem", async (_name, head, status, code) => {
    await using server = await serve();

    const answer = await exchangeRaw(`http://127.0.0.1:${server.port}`, `${head}Connection: close\r\n\r\n`);

    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body)).toMatchObject({ status, code });
  });

  it("may lack a Host in HTTP/1.0", async () => {
    await using server = await serve();

    const answer = await exchangeRaw(`http://127.0.0.1:${server.port}`, "GET /push HTTP/1.0\r\n\r\n");

    expect(answer.status).toBe(200);
  });
});
