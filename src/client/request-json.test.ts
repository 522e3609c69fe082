import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { expect, it } from "vitest";
import { startConnectProxy } from "../../test/fixtures/connect-proxy.ts";
import { startFakeGateway } from "../../test/fixtures/fake-gateway.ts";
import { createSimulatorPki } from "../simulator/certificates.ts";
import { requestJson } from "./request-json.ts";

const GET = { method: "GET", path: "/v1/thing" } as const;

it("sends JSON with the key and answers status and body", async () => {
  await using server = await startFakeGateway({ key: "secret" });
  server.answer("POST /v1/thing", { status: 202, body: { id: "1" } });

  const request = { method: "POST", path: "/v1/thing", body: { text: "ä" } } as const;
  const answer = await requestJson({ url: new URL(server.url), key: "secret" }, request);

  expect(answer).toEqual({ status: 202, body: { id: "1" } });
  expect(server.seen).toEqual([{ route: "POST /v1/thing", body: { text: "ä" }, authorization: "Bearer secret" }]);
});

it("keeps a path that stands before the API's own", async () => {
  await using server = await startFakeGateway();
  server.answer("GET /gateway/v1/thing", { body: {} });

  const answer = await requestJson({ url: new URL(`${server.url}/gateway/`) }, GET);

  expect(answer.status).toBe(200);
});

it("answers no body where it is no JSON", async () => {
  await using server = await startFakeGateway();
  server.answer("GET /v1/thing", { status: 502, body: "<html>Bad Gateway</html>" });

  expect(await requestJson({ url: new URL(server.url) }, GET)).toEqual({ status: 502, body: undefined });
});

it("trusts an authority, or the server's own certificate by itself", async () => {
  const pki = createSimulatorPki();
  const tls = pki.issueServerCertificate({ names: ["127.0.0.1"] });
  await using server = await startFakeGateway({ tls });
  server.answer("GET /v1/thing", { body: {} });
  const url = new URL(server.url);

  expect(await requestJson({ url, ca: pki.ca }, GET)).toMatchObject({ status: 200 });
  expect(await requestJson({ url, ca: tls.certificate }, GET)).toMatchObject({ status: 200 });
});

it("sends nothing to a server that it cannot verify", async () => {
  const pki = createSimulatorPki();
  const other = createSimulatorPki();
  await using server = await startFakeGateway({ tls: pki.issueServerCertificate({ names: ["push.example.org"] }) });
  const url = new URL(server.url);

  await expect(requestJson({ url, key: "secret" }, GET)).rejects.toMatchObject({ name: "NoAnswerError" });
  await expect(requestJson({ url, ca: other.ca, key: "secret" }, GET)).rejects.toThrow(/certificate/);
  await expect(requestJson({ url, ca: pki.ca, key: "secret" }, GET)).rejects.toMatchObject({
    code: "ERR_TLS_CERT_ALTNAME_INVALID",
  });
  expect(server.seen).toEqual([]);
});

it("checks the certificate for another name than the address where it is told to", async () => {
  const pki = createSimulatorPki();
  await using server = await startFakeGateway({ tls: pki.issueServerCertificate({ names: ["push.example.org"] }) });
  server.answer("GET /v1/thing", { body: {} });

  const target = { url: new URL(server.url), ca: pki.ca, serverName: "push.example.org" };

  expect(await requestJson(target, GET)).toMatchObject({ status: 200 });
});

it("goes through a proxy, and never to its own machine", async () => {
  const pki = createSimulatorPki();
  await using server = await startFakeGateway({ tls: pki.issueServerCertificate({ names: ["push.example.org"] }) });
  server.answer("GET /v1/thing", { body: {} });
  await using proxy = await startConnectProxy({ hosts: { "push.example.org": "127.0.0.1" } });
  const proxies = { https: `http://127.0.0.1:${proxy.port}` };
  const { port } = new URL(server.url);
  const target = { ca: pki.ca, serverName: "push.example.org", proxies };

  const far = await requestJson({ ...target, url: new URL(`https://push.example.org:${port}`) }, GET);
  const near = await requestJson({ ...target, url: new URL(server.url) }, GET);

  expect([far.status, near.status]).toEqual([200, 200]);
  expect(proxy.asked).toMatchObject([{ authority: `push.example.org:${port}` }]);
});

it("gives up on a server that is silent, or stops in the middle of its answer", async () => {
  for (const greeting of ["", 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"a":']) {
    await using server = await startRawServer((socket) => void socket.write(greeting));

    await expect(requestJson({ url: server.url }, GET, 50)).rejects.toMatchObject({ code: "TIMEOUT" });
  }
});

it("rejects an answer that breaks off", async () => {
  await using server = await startRawServer((socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"));

  await expect(requestJson({ url: server.url }, GET)).rejects.toMatchObject({ code: "ECONNRESET" });
});

async function startRawServer(greet: (socket: Socket) => void) {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => {});
    socket.once("data", () => greet(socket));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
