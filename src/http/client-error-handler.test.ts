import { readFileSync } from "node:fs";
import { connect as connectTls } from "node:tls";
import { describe, expect, it } from "vitest";
import { serve, tls } from "../../test/fixtures/http-tools.ts";
import { exchange, KEY, readAll } from "../../test/fixtures/http-fixture.ts";

function capture(name: string): Buffer {
  return readFileSync(new URL(`../../test/captures/${name}`, import.meta.url));
}

describe("a request line in raw UTF-8", () => {
  it("reaches the dialect as it was sent", async () => {
    await using server = await serve();

    const answer = await exchange(server.port, capture("sems-get-utf8.http"));

    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(answer).toMatch(/\r\nconnection: close\r\n/);
    const [head = "", body = ""] = answer.split("\r\n\r\n");
    expect(head).toContain(`content-length: ${body.length}`);
    expect(JSON.parse(body)).toMatchObject({ status: "accepted" });
    const caller = Buffer.from("Jürgen€", "utf8").toString("latin1");
    expect(server.foreign).toMatchObject([
      { method: "GET", path: "/mobilepush/", rawQuery: `caller=${caller}&callee=alice&domain=example.org` },
    ]);
  });

  it("is rescued over TLS too", async () => {
    await using server = await serve({ secure: true });
    const socket = connectTls({ host: "127.0.0.1", port: server.port, ca: tls.certificate });
    const answer = readAll(socket);

    socket.write(capture("sems-get-utf8.http"));

    expect(await answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  });

  it("keeps percent signs and equals signs as they were", async () => {
    await using server = await serve();

    await exchange(server.port, "GET /push?caller=50%25%zz\xc3\xbc=x%C3 HTTP/1.1\r\nHost: x\r\n\r\n");

    expect(server.foreign[0]?.rawQuery).toBe("caller=50%25%zz\xc3\xbc=x%C3");
  });

  it("needs the key like any other", async () => {
    await using server = await serve({ requireKey: true });
    const send = (header: string) => exchange(server.port, `GET /push?c=\xc3\xbc HTTP/1.1\r\nHost: x\r\n${header}\r\n`);

    expect(await send("")).toMatch(/^HTTP\/1\.1 401 Unauthorized\r\n[^]*www-authenticate: Bearer/);
    expect(await send("Authorization: Bearer wrong\r\n")).toMatch(/^HTTP\/1\.1 401 /);
    expect(await send(`Authorization: Bearer ${KEY}\r\n`)).toMatch(/^HTTP\/1\.1 200 /);
  });

  it("is answered with the dialect's refusal", async () => {
    await using server = await serve();

    const answer = await exchange(server.port, "GET /push?no=callee&c=\xc3\xbc HTTP/1.1\r\nHost: x\r\n\r\n");

    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(server.refused).toMatchObject([{ dialect: "fake", code: "missing_field", remoteAddress: "127.0.0.1" }]);
  });

  it("is refused on other paths", async () => {
    await using server = await serve();

    const answer = await exchange(server.port, "GET /metrics?c=\xc3\xbc HTTP/1.1\r\nHost: x\r\n\r\n");

    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(answer).toContain("application/problem+json");
  });
});

describe("what is not HTTP", () => {
  const head = "POST /push HTTP/1.1\r\nHost: x\r\n";
  it.each([
    ["Content-Length and Transfer-Encoding", `${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ["two Content-Lengths", `${head}Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef`],
    ["a space before the colon", `${head}Content-Length : 5\r\n\r\nabcde`],
    ["bare line feeds", "GET /push HTTP/1.1\nHost: x\n\n"],
    ["a folded header", `${head}X: a\r\n b\r\n\r\n`],
    ["no Host", "GET /push HTTP/1.1\r\n\r\n"],
    ["a raw query with a body", "GET /push?\xc3\xbc HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n"],
    [
      "a raw query with a second request behind it",
      "GET /push?\xc3\xbc HTTP/1.1\r\nHost: x\r\n\r\nGET /push HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
    ["noise", "\x00\x01\x02 hello\r\n\r\n"],
  ])("gets 400 and no push for %s", async (_name, bytes) => {
    await using server = await serve();

    const answer = await exchange(server.port, bytes);

    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(server.asked).toEqual([]);
  });

  it("is reported once", async () => {
    await using server = await serve();

    await exchange(server.port, "GET /push HTTP/1.1\r\nHost: x\r\n bad\r\n\r\n");

    expect(server.refused).toMatchObject([{ dialect: "http", code: "invalid_http", remoteAddress: "127.0.0.1" }]);
  });

  it("gets 400 where a body breaks off into nonsense", async () => {
    await using server = await serve();

    const head = "POST /push HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    const answer = await exchange(server.port, `${head}3\r\nabc\r\nzz\r\n`);

    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(server.asked).toEqual([]);
  });

  it("gets 431 for headers of 20 KB", async () => {
    await using server = await serve();

    const answer = await exchange(server.port, `GET /push HTTP/1.1\r\nHost: x\r\nX: ${"a".repeat(20_000)}\r\n\r\n`);

    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
    expect(answer).toContain("headers_too_large");
  });

  it("is told apart from TLS that came to a plain port", async () => {
    await using server = await serve();

    const socket = connectTls({ host: "127.0.0.1", port: server.port, ca: tls.certificate });
    await new Promise((resolve) => socket.once("error", resolve));

    await expect.poll(() => server.refused[0]?.hint).toContain("speaks TLS to a plain HTTP port");
  });

  it("never answers for a request that came before it on the connection", async () => {
    const gate = Promise.withResolvers<void>();
    const receipt = { kind: "accepted", id: "x", state: "pending" } as const;
    await using server = await serve({ acceptPush: () => gate.promise.then(() => receipt) });

    const answer = await exchange(server.port, `GET /push HTTP/1.1\r\nHost: x\r\n\r\nnonsense\r\n\r\n`);
    gate.resolve();

    expect(answer).toBe("");
  });
});
