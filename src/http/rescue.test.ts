import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readRescuable } from "./rescue.ts";

const PATHS = new Set(["/push", "/mobilepush"]);
const read = (text: string) => readRescuable(Buffer.from(text, "latin1"), PATHS);

describe("readRescuable", () => {
  it("reads what SEMS sends for a caller named Jürgen€", () => {
    const packet = readFileSync(new URL("../../test/captures/sems-get-utf8.http", import.meta.url));

    const request = readRescuable(packet, PATHS);

    const caller = Buffer.from("Jürgen€", "utf8").toString("latin1");
    expect(request?.path).toBe("/mobilepush/");
    expect(request?.rawQuery).toBe(`caller=${caller}&callee=alice&domain=example.org`);
    expect(request?.headers).toMatchObject({ host: expect.stringMatching(/^127\.0\.0\.1:/), accept: "*/*" });
  });

  it("keeps the credentials and drops what a push does not need", () => {
    const request = read("GET /push?\xc3 HTTP/1.1\r\nHost: x\r\nAuthorization: Basic abc\r\nCookie: a=b\r\n\r\n");

    expect(request?.headers).toEqual({ host: "x", authorization: "Basic abc" });
  });

  it.each([
    ["another method", "POST /push?\xc3 HTTP/1.1\r\nHost: x\r\n\r\n"],
    ["another path", "GET /v1/pushes?\xc3 HTTP/1.1\r\nHost: x\r\n\r\n"],
    ["raw bytes in the path", "GET /push\xc3?a HTTP/1.1\r\nHost: x\r\n\r\n"],
    ["no raw byte at all", "GET /push?a HTTP/1.1\r\nHost: x\r\n\r\n"],
    ["a space in the query", "GET /push?\xc3 b HTTP/1.1\r\nHost: x\r\n\r\n"],
    ["a control character in the query", "GET /push?\xc3\x01 HTTP/1.1\r\nHost: x\r\n\r\n"],
    ["HTTP/1.0", "GET /push?\xc3 HTTP/1.0\r\nHost: x\r\n\r\n"],
    ["no Host", "GET /push?\xc3 HTTP/1.1\r\nAccept: */*\r\n\r\n"],
    ["two Hosts", "GET /push?\xc3 HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n"],
    ["two Authorizations", "GET /push?\xc3 HTTP/1.1\r\nHost: x\r\nAuthorization: a\r\nauthorization: b\r\n\r\n"],
    ["a body", "GET /push?\xc3 HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\na"],
    ["an announced body", "GET /push?\xc3 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"],
    ["an upgrade", "GET /push?\xc3 HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\n\r\n"],
    ["a folded header", "GET /push?\xc3 HTTP/1.1\r\nHost: x\r\n y\r\n\r\n"],
    ["a space before the colon", "GET /push?\xc3 HTTP/1.1\r\nHost : x\r\n\r\n"],
    ["a bare line feed", "GET /push?\xc3 HTTP/1.1\r\nHost: x\nFoo: bar\r\n\r\n"],
    ["half a head", "GET /push?\xc3 HTTP/1.1\r\nHost: x\r\n"],
    ["the tail of a request", "ller=\xc3 HTTP/1.1\r\nHost: x\r\n\r\n"],
    ["a request behind it", "GET /push?\xc3 HTTP/1.1\r\nHost: x\r\n\r\nGET /push HTTP/1.1\r\nHost: x\r\n\r\n"],
    ["too much", `GET /push?\xc3 HTTP/1.1\r\nHost: x\r\nX: ${"a".repeat(17_000)}\r\n\r\n`],
    ["nothing", ""],
  ])("leaves alone: %s", (_what, text) => {
    expect(read(text)).toBeUndefined();
  });
});
