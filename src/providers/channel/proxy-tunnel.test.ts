import { once } from "node:events";
import { createSecureServer, type Http2SecureServer, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aRequest, eventually, never } from "../../../test/fixtures/channel-fixture.ts";
import { startConnectProxy, type ConnectProxyOptions } from "../../../test/fixtures/connect-proxy.ts";
import { createSimulatorPki } from "../../simulator/certificates.ts";
import { Channel, type ChannelOptions } from "./channel.ts";

const HOST = "push.example.org";

const pki = createSimulatorPki();
const client = pki.issueApnsCertificate({ bundleId: "org.example.phone" });
let server: Http2SecureServer;
let port: number;
/** Common names of the clients' certificates. */
let clients: (string | undefined)[] = [];

beforeAll(async () => {
  const { certificate: cert, key } = pki.issueServerCertificate({ names: [HOST] });
  server = createSecureServer({ cert, key, ca: pki.ca, requestCert: true, rejectUnauthorized: false });
  server.on("stream", (stream: ServerHttp2Stream) => {
    clients.push((stream.session?.socket as TLSSocket | undefined)?.getPeerCertificate().subject?.CN?.toString());
    stream.respond({ ":status": 200 });
    stream.end("hello");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  ({ port } = server.address() as AddressInfo);
});

afterAll(() => {
  server.close();
});

const openProxy = (options: ConnectProxyOptions = {}) =>
  startConnectProxy({ hosts: { [HOST]: "127.0.0.1" }, ...options });

function openChannel(proxy: NonNullable<ChannelOptions["proxy"]>, changes: Partial<ChannelOptions> = {}): Channel {
  return new Channel({ origin: `https://${HOST}:${port}`, tls: { ca: pki.ca }, proxy, ...changes });
}

describe("through a proxy", () => {
  it("reaches a host whose name the proxy alone can resolve", async () => {
    await using proxy = await openProxy();
    await using channel = openChannel({ host: "localhost", port: proxy.port });

    await expect(channel.request(aRequest(), never)).resolves.toMatchObject({ status: 200, body: "hello" });

    expect(proxy.asked).toEqual([{ authority: `${HOST}:${port}`, login: undefined }]);
  });

  it("shows the client certificate to the provider, not to the proxy", async () => {
    clients = [];
    await using proxy = await openProxy();
    const tls = { ca: pki.ca, cert: client.certificate, key: client.key };
    await using channel = openChannel({ host: "127.0.0.1", port: proxy.port }, { tls });

    await channel.request(aRequest(), never);

    expect(clients).toEqual([expect.stringContaining("org.example.phone")]);
  });

  it("logs in with user and password, whatever is in them", async () => {
    await using proxy = await openProxy({ login: "gate way:p@ss:wörd" });
    const login = { user: "gate way", password: "p@ss:wörd" };
    await using channel = openChannel({ host: "127.0.0.1", port: proxy.port, login });

    await expect(channel.request(aRequest(), never)).resolves.toMatchObject({ status: 200 });
  });

  it.each<[string, ConnectProxyOptions, Partial<ChannelOptions>, string]>([
    ["the proxy wants a login", { login: "user:password" }, {}, "proxy_login_refused"],
    ["the proxy forbids the host", { refuse: 403 }, {}, "proxy_refused"],
    ["the proxy cannot reach the host", { refuse: 503 }, {}, "proxy_refused"],
    ["the proxy answers with a redirect", { refuse: 302 }, {}, "proxy_refused"],
    ["the proxy speaks in the provider's place", { chatter: "HTTP/1.1 200 OK\r\n\r\n" }, {}, "proxy_refused"],
    ["the proxy does not answer", { refuse: "silent" }, { connectTimeoutMs: 100 }, "connect_timeout"],
    ["the proxy opens TLS itself", {}, { tls: { ca: createSimulatorPki().ca } }, "tls_untrusted"],
    [
      "the provider has another name",
      { hosts: { "other.example.org": "127.0.0.1" } },
      { origin: "other" },
      "tls_wrong_name",
    ],
  ])("says what is in the way when %s, and sends nothing", async (_what, options, changes, reason) => {
    clients = [];
    await using proxy = await openProxy(options);
    const origin = changes.origin === undefined ? {} : { origin: `https://other.example.org:${port}` };
    await using channel = openChannel({ host: "127.0.0.1", port: proxy.port }, { ...changes, ...origin });

    await expect(channel.request(aRequest(), never)).rejects.toMatchObject({ name: "NotProcessedError", reason });

    expect(clients).toEqual([]);
  });

  it("says that it is the proxy that cannot be reached", async () => {
    const gone = await openProxy();
    await gone[Symbol.asyncDispose]();
    await using channel = openChannel({ host: "127.0.0.1", port: gone.port });

    await expect(channel.request(aRequest(), never)).rejects.toMatchObject({ reason: "proxy_not_reached" });
  });

  it("says nothing of the login in its errors", async () => {
    await using proxy = await openProxy({ login: "other:login" });
    const login = { user: "alice", password: "s3cret" };
    await using channel = openChannel({ host: "127.0.0.1", port: proxy.port, login });

    const error: unknown = await channel.request(aRequest(), never).catch((failure: unknown) => failure);

    expect(tellAll(error)).toMatch(/127\.0\.0\.1/);
    expect(tellAll(error)).not.toMatch(/alice|s3cret|YWxpY2U6czNjcmV0/);
  });

  it("opens another way when the proxy has cut the first", async () => {
    await using proxy = await openProxy();
    await using channel = openChannel({ host: "127.0.0.1", port: proxy.port });
    await channel.request(aRequest(), never);

    proxy.cutAll();

    await eventually(async () => expect((await channel.request(aRequest(), never)).status).toBe(200));
    expect(proxy.asked.length).toBeGreaterThan(1);
  });

  it("leaves no socket when it stops while the proxy is silent", async () => {
    await using proxy = await openProxy({ refuse: "silent" });
    const channel = openChannel({ host: "127.0.0.1", port: proxy.port });
    const waiting = channel.request(aRequest(), never).catch((error: Error) => error.name);
    await eventually(() => expect(proxy.asked).toHaveLength(1));

    await channel[Symbol.asyncDispose]();

    expect(await waiting).toBe("NotProcessedError");
    await eventually(() => expect(countSockets()).toBe(0));
  });
});

function tellAll(error: unknown): string {
  return error instanceof Error ? `${error.message} ${tellAll(error.cause)}` : String(error);
}

function countSockets(): number {
  return process.getActiveResourcesInfo().filter((name) => /^T(?:CPSocket|LS)/.test(name)).length;
}
