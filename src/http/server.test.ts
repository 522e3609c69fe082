import { execFile } from "node:child_process";
import { request as httpRequest } from "node:http";
import { connect as connectHttp2, type ClientHttp2Session, type IncomingHttpHeaders } from "node:http2";
import { request as httpsRequest } from "node:https";
import { connect as connectTls } from "node:tls";
import { describe, expect, it } from "vitest";
import { serve, tls } from "../../test/fixtures/http-tools.ts";
import { exchange, readAll } from "../../test/fixtures/http-fixture.ts";

async function post(port: number, path: string, body: Uint8Array, headers: Record<string, string> = {}) {
  return new Promise<{ status: number; headers: IncomingHttpHeaders; body: string }>((resolve, reject) => {
    const request = httpRequest({ host: "127.0.0.1", port, path, method: "POST", headers, agent: false }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("end", () =>
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks).toString() }),
      );
    });
    request.on("error", reject);
    if (headers["expect"] === undefined) request.end(body);
    else request.on("continue", () => request.end(body));
  });
}

async function ask2(session: ClientHttp2Session, headers: Record<string, string>, body = "") {
  const stream = session.request(headers, { endStream: body === "" });
  if (body !== "") stream.end(body);
  let answer = "";
  stream.setEncoding("utf8");
  stream.on("data", (chunk: string) => (answer += chunk));
  const answered = await new Promise<IncomingHttpHeaders>((resolve, reject) => {
    stream.once("response", resolve);
    stream.once("error", reject);
  });
  await new Promise((resolve) => stream.once("end", resolve).resume());
  return { headers: answered, body: answer };
}

describe("a TLS listener", () => {
  it("speaks HTTP/2 to a client that offers it", async () => {
    await using server = await serve({ secure: true });
    const session = connectHttp2(`https://127.0.0.1:${server.port}`, { ca: tls.certificate });

    const answer = await ask2(session, { ":path": "/push?callee=alice" });
    session.close();

    expect(answer.headers[":status"]).toBe(200);
    expect(session.alpnProtocol).toBe("h2");
  });

  it("hands raw UTF-8 of an HTTP/2 path to the dialect, one character per byte", async () => {
    await using server = await serve({ secure: true });
    const session = connectHttp2(`https://127.0.0.1:${server.port}`, { ca: tls.certificate });

    const raw = Buffer.from("caller=Jürgen€", "utf8").toString("latin1");
    await ask2(session, { ":path": `/push?${raw}` });
    session.close();

    expect(server.foreign[0]?.rawQuery).toBe(raw);
  });

  it("sends no connection header over HTTP/2, even where a body is refused", async () => {
    await using server = await serve({ secure: true });
    const session = connectHttp2(`https://127.0.0.1:${server.port}`, { ca: tls.certificate });

    const headers = { ":path": "/v1/pushes", ":method": "POST", "content-type": "application/json" };
    const answer = await ask2(session, headers, "{");
    session.close();

    expect(answer.headers[":status"]).toBe(400);
    expect(answer.headers["connection"]).toBeUndefined();
    expect(answer.body).toContain("invalid_json");
  });

  it("answers 413 over HTTP/2 as well", async () => {
    await using server = await serve({ secure: true });
    const session = connectHttp2(`https://127.0.0.1:${server.port}`, { ca: tls.certificate });

    const headers = { ":path": "/v1/pushes", ":method": "POST", "content-type": "application/json" };
    const answer = await ask2(session, headers, " ".repeat(200_000));
    session.close();

    expect(answer.headers[":status"]).toBe(413);
  });

  it("speaks HTTP/1.1 to a client that asks for it", async () => {
    await using server = await serve({ secure: true });

    const status = await new Promise((resolve, reject) => {
      const options = { host: "127.0.0.1", port: server.port, path: "/push", ca: tls.certificate, agent: false };
      httpsRequest(options, (answer) => resolve(answer.resume().statusCode))
        .on("error", reject)
        .end();
    });

    expect(status).toBe(200);
  });

  it("speaks HTTP/1.1 with a reason phrase to a client without ALPN", async () => {
    await using server = await serve({ secure: true });
    const socket = connectTls({ host: "127.0.0.1", port: server.port, ca: tls.certificate });
    const answer = readAll(socket);

    socket.write("GET /push HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

    expect(await answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(socket.alpnProtocol).toBe(false);
  });

  it.each([
    ["TLS 1.1", { maxVersion: "TLSv1.1", minVersion: "TLSv1", ciphers: "DEFAULT@SECLEVEL=0" }],
    ["CBC suites", { maxVersion: "TLSv1.2", ciphers: "ECDHE-ECDSA-AES128-SHA256:ECDHE-ECDSA-AES128-SHA" }],
  ] as const)("refuses %s", async (_name, options) => {
    await using server = await serve({ secure: true });

    const socket = connectTls({ host: "127.0.0.1", port: server.port, ca: tls.certificate, ...options });
    const outcome = await new Promise((resolve) => {
      socket.once("secureConnect", () => resolve("connected")).once("error", () => resolve("refused"));
    });
    socket.destroy();

    expect(outcome).toBe("refused");
  });

  it.each(["h2", "http/1.1"])("reports a client of %s that does not trust the certificate", async (protocol) => {
    await using server = await serve({ secure: true });

    // Node's own client checks certificates after the handshake and sends no alert. OpenSSL and libcurl do.
    const options = `s_client -connect 127.0.0.1:${server.port} -alpn ${protocol} -verify_return_error`;
    execFile("openssl", options.split(" "));

    await expect.poll(() => server.refused[0]).toMatchObject({ dialect: "http", code: "tls_handshake" });
    expect(server.refused[0]?.hint).toContain("does not trust");
  });
});

describe("an HTTP/1.1 listener", () => {
  it("answers with a reason phrase, Content-Length and no banner", async () => {
    await using server = await serve();

    const answer = await exchange(
      server.port,
      "GET /push?callee=alice HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    );

    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(answer).toMatch(/\r\ncontent-length: \d+\r\n/i);
    expect(answer).not.toMatch(/\r\n(server|x-powered-by):/i);
  });

  it("keeps an idle connection longer than 72 s", async () => {
    await using server = await serve();

    const { headers } = await post(server.port, "/push", Buffer.from("a=b"), { connection: "keep-alive" });

    expect(Number(/timeout=(\d+)/.exec(String(headers["keep-alive"]))?.[1])).toBeGreaterThanOrEqual(72);
  });

  it("takes a 5 MiB body on a dialect's path", async () => {
    await using server = await serve();
    const body = Buffer.alloc(5 * 1024 * 1024, "a");

    const answer = await post(server.port, "/push", body);

    expect(answer.status).toBe(200);
    expect(server.foreign[0]?.body).toHaveLength(body.length);
  });

  it("takes a 2 MiB body that waits for 100 Continue", async () => {
    await using server = await serve();
    const body = Buffer.alloc(2 * 1024 * 1024, "a");

    const answer = await post(server.port, "/push", body, {
      expect: "100-continue",
      "content-length": `${body.length}`,
    });

    expect(answer.status).toBe(200);
    expect(server.foreign[0]?.body).toHaveLength(body.length);
  });

  it.each(["/push", "/v1/pushes"])("refuses a body of 10 MB at %s with an answer that arrives", async (path) => {
    await using server = await serve();
    const body = Buffer.alloc(10_000_000, "a");

    const answer = await post(server.port, path, body, { "content-type": "application/json" });

    expect(answer.status).toBe(413);
    expect(JSON.parse(answer.body)).toMatchObject({ code: "body_too_large", status: 413 });
    expect(server.refused).toHaveLength(1);
  });

  it("drops a refused body instead of resetting the connection that it is on", async () => {
    await using server = await serve();
    const head = "POST /push HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000\r\n\r\n";
    const next = "GET /push HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

    const answer = await exchange(server.port, `${head}${"a".repeat(10_000_000)}${next}`);

    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 413", "HTTP/1.1 200"]);
  });

  it("refuses a chunked body that grows beyond the limit", async () => {
    await using server = await serve();

    const head =
      "POST /v1/pushes HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    const answer = await exchange(server.port, `${head}11171\r\n${" ".repeat(0x11171)}\r\n`);

    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });
});
