import { describe, expect, it } from "vitest";
import { buildRawAnswer, readClientError } from "./client-error.ts";

const seen = (code: string, packet = "", bytesRead = 10) =>
  readClientError({ code, message: "m", packet: Buffer.from(packet, "latin1"), bytesRead });

describe("readClientError", () => {
  it.each([
    ["HPE_INVALID_URL", 400, "invalid_http"],
    ["HPE_INVALID_METHOD", 400, "invalid_http"],
    ["HPE_HEADER_OVERFLOW", 431, "headers_too_large"],
    ["ERR_HTTP_REQUEST_TIMEOUT", 408, "request_timeout"],
  ])("answers %s with %i", (code, status, reported) => {
    expect(seen(code)).toMatchObject({ kind: "answer", code: reported, problem: { status } });
  });

  it("says nothing where a client left, or never spoke", () => {
    expect(seen("ECONNRESET")).toEqual({ kind: "silent" });
    expect(seen("ERR_HTTP_REQUEST_TIMEOUT", "", 0)).toEqual({ kind: "silent" });
  });

  it.each([
    ["ERR_SSL_TLSV1_ALERT_UNKNOWN_CA", "does not trust"],
    ["ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED", "expired"],
    ["ERR_SSL_HTTP_REQUEST", "https://"],
    ["ERR_SSL_NO_SHARED_CIPHER", "too old"],
  ])("explains %s", (code, hint) => {
    expect(seen(code)).toMatchObject({ kind: "handshake", hint: expect.stringContaining(hint) });
  });

  it("knows TLS on a plain port by its first byte, and raw UTF-8 by its high ones", () => {
    expect(seen("HPE_INVALID_METHOD", "\x16\x03\x01")).toMatchObject({ kind: "handshake" });
    expect(seen("HPE_INVALID_URL", "GET /x?\xc3\xbc HTTP/1.1\r\n")).toMatchObject({
      hint: expect.stringContaining("percent-encode"),
    });
  });
});

describe("buildRawAnswer", () => {
  it("has a reason phrase, a length in bytes, and ends the connection", () => {
    const answer = Buffer.from(buildRawAnswer(400, { "content-type": "text/x" }, Buffer.from("ü"))).toString();

    expect(answer).toBe(
      "HTTP/1.1 400 Bad Request\r\ncontent-type: text/x\r\ncontent-length: 2\r\nconnection: close\r\n\r\nü",
    );
  });
});
