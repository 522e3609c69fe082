import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { connect, createServer, type AddressInfo } from "node:net";
import { connect as connectTls } from "node:tls";
import { describe, expect, it } from "vitest";
import type { Receipt } from "../gateway/accept/accept-push.ts";
import { findFreePort } from "../../test/fixtures/http-tools.ts";
import { createHttpFixture, createTlsMaterial, readAll } from "../../test/fixtures/http-fixture.ts";
import { startListeners, type Listener } from "./listen.ts";

const tls = createTlsMaterial();
const LOOPBACK: Listener = { host: "127.0.0.1", port: 0, requireKey: false };
const GET = "GET /push HTTP/1.1\r\nHost: x\r\n\r\n";
const RECEIPT: Receipt = { kind: "accepted", id: "x", state: "pending" };

describe("startListeners", () => {
  it("listens for localhost on IPv4 and IPv6, on the same port", async () => {
    await using running = await startListeners([{ ...LOOPBACK, host: "localhost" }], createHttpFixture().deps);

    const answers = await Promise.all(running.addresses.map(async ({ url }) => (await fetch(`${url}/healthz`)).status));

    const [port] = running.addresses.map((address) => address.port);
    expect(running.addresses.map(({ url }) => url)).toEqual([`http://127.0.0.1:${port}`, `http://[::1]:${port}`]);
    expect(answers).toEqual([200, 200]);
  });

  it("says which address is taken, and what to do, and leaves no other listener open", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    const taken = (other.address() as AddressInfo).port;
    const free = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => free.once("listening", resolve));
    const { port } = free.address() as AddressInfo;
    await new Promise((resolve) => free.close(resolve));

    const start = startListeners(
      [
        { ...LOOPBACK, port },
        { ...LOOPBACK, port: taken, tls },
      ],
      createHttpFixture({}, { portRetryMs: 0 }).deps,
    );

    await expect(start).rejects.toThrow(`Cannot listen on https://127.0.0.1:${taken}`);
    await expect(start).rejects.toMatchObject({ name: "ListenError", code: "EADDRINUSE" });
    await expect(start).rejects.toThrow(/a second sip-pushd.*ss -tanp/);
    await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow("fetch failed");
    await new Promise((resolve) => other.close(resolve));
  });
});

it("waits for a port that another program is about to give back", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;

  const start = startListeners([{ ...LOOPBACK, port }], createHttpFixture({}, { portRetryMs: 60_000 }).deps);
  const refused = connect(port, "127.0.0.1");
  await once(refused, "connect");
  refused.destroy();
  other.close();

  await using running = await start;
  expect(running.addresses).toMatchObject([{ port }]);
});

it("serves both families on one port, each by its own wildcard", async () => {
  const port = await findFreePort();

  await using running = await startListeners(
    [
      { ...LOOPBACK, host: "0.0.0.0", port },
      { ...LOOPBACK, host: "::", port },
    ],
    createHttpFixture().deps,
  );

  expect(running.addresses.map(({ host }) => host)).toEqual(["0.0.0.0", "::"]);
  for (const host of ["127.0.0.1", "[::1]"]) expect((await fetch(`http://${host}:${port}/healthz`)).status).toBe(200);
});

describe("renewCertificates", () => {
  it("gives new connections the new certificate and keeps the open ones", async () => {
    await using running = await startListeners([{ ...LOOPBACK, tls }], createHttpFixture().deps);
    const [address] = running.addresses;
    const session = connectHttp2(address!.url, { ca: tls.certificate });
    await new Promise((resolve) => session.once("connect", resolve));
    const next = createTlsMaterial();

    running.renewCertificates([{ ...LOOPBACK, tls: next }]);

    const fresh = connectHttp2(address!.url, { ca: next.certificate });
    const statuses = await Promise.all(
      [session, fresh].map(async (client) => {
        const stream = client.request({ ":path": "/push" });
        return new Promise((resolve) => stream.once("response", (headers) => resolve(headers[":status"])));
      }),
    );
    session.close();
    fresh.close();
    expect(statuses).toEqual([200, 200]);
  });

  it("does not give a listener the certificate of another one that has taken its place in the list", async () => {
    const ports = await Promise.all([findFreePort(), findFreePort()]);
    const [first, second] = ports.map((port) => ({ ...LOOPBACK, port, tls }));
    await using running = await startListeners([first!, second!], createHttpFixture().deps);
    const next = createTlsMaterial();

    running.renewCertificates([{ ...second!, tls: next }]);

    const served = await Promise.all(ports.map(readServedCertificate));
    expect(served).toEqual([tls.certificate, next.certificate]);
    expect(running.addresses).toHaveLength(2);
  });

  it("lets clients resume their sessions where the certificate is the same", async () => {
    await using running = await startListeners([{ ...LOOPBACK, tls }], createHttpFixture().deps);
    const port = running.addresses[0]!.port;
    const session = await readSession(port);

    running.renewCertificates([{ ...LOOPBACK, tls: { ...tls } }]);

    const socket = connectTls({ port, host: "127.0.0.1", ca: tls.certificate, session });
    await new Promise((resolve) => socket.once("secureConnect", resolve));
    const isReused = socket.isSessionReused();
    socket.destroy();
    expect(isReused).toBe(true);
  });
});

async function readServedCertificate(port: number): Promise<string | undefined> {
  const socket = connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false });
  await new Promise((resolve) => socket.once("secureConnect", resolve));
  const certificate = socket.getPeerX509Certificate()?.toString();
  socket.destroy();
  return certificate;
}

/** Returns a session that the server lets its client resume. */
async function readSession(port: number): Promise<Buffer> {
  const socket = connectTls({ port, host: "127.0.0.1", ca: tls.certificate });
  socket.write(GET);
  const session = await new Promise<Buffer>((resolve) => socket.once("session", resolve));
  socket.destroy();
  return session;
}

describe("closing", () => {
  it("ends at once with idle clients of HTTP/1.1, HTTP/2 and TLS connected", async () => {
    const running = await startListeners([LOOPBACK, { ...LOOPBACK, tls }], createHttpFixture().deps);
    const [plain, secure] = running.addresses;
    const keptAlive = connect(plain!.port, "127.0.0.1");
    keptAlive.write(GET);
    const silent = connect(plain!.port, "127.0.0.1");
    const handshaking = connect(secure!.port, "127.0.0.1");
    const secureKeptAlive = connectTls({ port: secure!.port, host: "127.0.0.1", ca: tls.certificate });
    secureKeptAlive.write(GET);
    const session = connectHttp2(secure!.url, { ca: tls.certificate });
    const stream = session.request({ ":path": "/push" });
    const open = [keptAlive, secureKeptAlive, stream].map((it) => new Promise((resolve) => it.once("data", resolve)));
    const closed = [keptAlive, silent, handshaking, secureKeptAlive, session].map((it) => {
      it.on("error", () => {});
      return new Promise<void>((resolve) => it.once("close", () => resolve()));
    });
    await Promise.all(open);
    const startedAt = performance.now();

    await running[Symbol.asyncDispose]();

    expect(performance.now() - startedAt).toBeLessThan(2000);
    await Promise.all(closed);
  });

  it("answers what is under way, and says that the connection ends", async () => {
    const gate = Promise.withResolvers<Receipt>();
    const fixture = createHttpFixture({ acceptPush: () => gate.promise });
    const running = await startListeners([LOOPBACK], fixture.deps);
    const { port } = running.addresses[0]!;
    const idleClosed = readAll(connect(port, "127.0.0.1"));
    const socket = connect(port, "127.0.0.1");
    const answer = readAll(socket);
    socket.write(GET);
    await expect.poll(() => fixture.asked).toHaveLength(1);

    const closing = running[Symbol.asyncDispose]();
    // Idle connections are closed by then, so the answer in progress keeps this one open.
    await idleClosed;
    gate.resolve(RECEIPT);
    await closing;

    expect(await answer).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*connection: close\r\n/i);
  });

  it("answers a stream of HTTP/2 that is under way", async () => {
    const gate = Promise.withResolvers<Receipt>();
    const fixture = createHttpFixture({ acceptPush: () => gate.promise });
    const running = await startListeners([{ ...LOOPBACK, tls }], fixture.deps);
    const session = connectHttp2(running.addresses[0]!.url, { ca: tls.certificate });
    const stream = session.request({ ":path": "/push" });
    const status = new Promise((resolve) => stream.once("response", (headers) => resolve(headers[":status"])));
    await expect.poll(() => fixture.asked).toHaveLength(1);

    const closing = running[Symbol.asyncDispose]();
    gate.resolve(RECEIPT);

    expect(await status).toBe(200);
    stream.resume();
    await closing;
  });

  it("cuts what has not ended after the grace period", async () => {
    const never = Promise.withResolvers<Receipt>();
    const fixture = createHttpFixture({ acceptPush: () => never.promise }, { closeGraceMs: 700 });
    const running = await startListeners([LOOPBACK], fixture.deps);
    const socket = connect(running.addresses[0]!.port, "127.0.0.1");
    const answer = readAll(socket);
    socket.write(GET);
    await expect.poll(() => fixture.asked).toHaveLength(1);
    const startedAt = performance.now();

    await running[Symbol.asyncDispose]();

    expect(await answer).toBe("");
    expect(performance.now() - startedAt).toBeGreaterThan(650);
  });
});
