import { once } from "node:events";
import { createServer, type AddressInfo, type LookupFunction } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import { aRequest, echo, eventually, never, openChannel } from "../../../test/fixtures/channel-fixture.ts";
import { startFramedServer, type FramedServer } from "../../../test/fixtures/framed-server.ts";
import { createSimulatorPki, type PemPair } from "../../simulator/certificates.ts";
import { Channel } from "./channel.ts";

/** A scripted DNS that counts its queries. */
function aResolver(...first: readonly string[]) {
  const resolver = { addresses: first, asked: 0 };
  const lookup: LookupFunction = (_host, { all }, callback) => {
    resolver.asked += 1;
    const found = resolver.addresses.map((address) => ({ address, family: 4 }));
    const [one] = found;
    if (one === undefined) callback(Object.assign(new Error("no answer"), { code: "EAI_AGAIN" }), []);
    else if (all) callback(null, found);
    else callback(null, one.address, one.family);
  };
  return { resolver, lookup };
}

const byName = (server: FramedServer) => `https://localhost:${server.port}`;

describe("the provider's name", () => {
  it("is asked for anew for each connection", async () => {
    await using server = await startFramedServer({ onRequest: echo });
    const { resolver, lookup } = aResolver("127.0.0.1");
    await using channel = openChannel(server, { origin: byName(server), lookup });
    await channel.request(aRequest(), never);
    server.connections[0]?.end();
    await eventually(() => expect(server.open).toHaveLength(0));

    await channel.request(aRequest(), never);

    expect(resolver.asked).toBe(2);
  });

  it("may have dead addresses: all of them are tried", async () => {
    await using server = await startFramedServer({ onRequest: echo });
    const { lookup } = aResolver("127.0.0.9", "127.0.0.8", "127.0.0.1");
    await using channel = openChannel(server, { origin: byName(server), lookup });

    await expect(channel.request(aRequest(), never)).resolves.toMatchObject({ body: "echo hello" });
  });

  it("may have no address for a while: present connections go on, and new ones come about later", async () => {
    await using server = await startFramedServer({ onRequest: echo });
    const { resolver, lookup } = aResolver("127.0.0.1");
    await using channel = openChannel(server, { origin: byName(server), lookup });
    await channel.request(aRequest(), never);

    resolver.addresses = [];
    await expect(channel.request(aRequest("still"), never)).resolves.toMatchObject({ body: "echo still" });
    server.connections[0]?.end();
    await eventually(() => expect(server.open).toHaveLength(0));
    await expect(channel.request(aRequest(), never)).rejects.toMatchObject({ reason: "dns_failed" });
    resolver.addresses = ["127.0.0.1"];

    await expect(channel.request(aRequest("again"), never)).resolves.toMatchObject({ body: "echo again" });
  });
});

describe("a server that cannot prove who it is", () => {
  const pki = createSimulatorPki();
  const origin = async (pair: PemPair) => {
    const server = createTlsServer({ cert: pair.certificate, key: pair.key, ALPNProtocols: ["h2"] });
    return listen(server);
  };

  it.each<[string, PemPair, string]>([
    [
      "expired",
      pki.issueServerCertificate({ names: ["127.0.0.1"], notBefore: new Date(0), notAfter: new Date(1) }),
      "tls_expired",
    ],
    [
      "of tomorrow",
      pki.issueServerCertificate({ names: ["127.0.0.1"], notBefore: new Date(Date.now() + 86_400_000) }),
      "tls_expired",
    ],
    ["for another name", pki.issueServerCertificate({ names: ["other.example.org"] }), "tls_wrong_name"],
    [
      "of an authority that we do not know",
      createSimulatorPki().issueServerCertificate({ names: ["127.0.0.1"] }),
      "tls_untrusted",
    ],
  ])("gets nothing if its certificate is %s", async (_what, pair, reason) => {
    await using channel = new Channel({ origin: await origin(pair), tls: { ca: pki.ca } });

    await expect(channel.request(aRequest(), never)).rejects.toMatchObject({ name: "NotProcessedError", reason });
  });

  describe("although the environment says that anybody will do", () => {
    afterEach(() => {
      delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
    });

    it("gets nothing", async () => {
      process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
      const stranger = createSimulatorPki().issueServerCertificate({ names: ["127.0.0.1"] });
      await using channel = new Channel({ origin: await origin(stranger), tls: { ca: pki.ca } });

      await expect(channel.request(aRequest(), never)).rejects.toMatchObject({ reason: "tls_untrusted" });
    });
  });

  it("is left, socket and all, if it says nothing", async () => {
    let open = 0;
    const mute = createServer((socket) => {
      open += 1;
      socket.on("error", () => {});
      socket.on("close", () => (open -= 1));
      socket.resume();
    });
    await using channel = new Channel({ origin: await listen(mute), tls: { ca: pki.ca }, connectTimeoutMs: 100 });

    await expect(channel.request(aRequest(), never)).rejects.toMatchObject({ reason: "connect_timeout" });

    await eventually(() => expect(open).toBe(0));
  });

  it("is a stranger if it does not speak TLS", async () => {
    const plain = createServer((socket) => void socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    await using channel = new Channel({ origin: await listen(plain), tls: { ca: pki.ca } });

    await expect(channel.request(aRequest(), never)).rejects.toMatchObject({ reason: "tls_failed" });
  });

  it("is a stranger if it speaks TLS, and not HTTP/2", async () => {
    const pair = pki.issueServerCertificate({ names: ["127.0.0.1"] });
    const old = createTlsServer({ cert: pair.certificate, key: pair.key }, (socket) => {
      socket.on("error", () => {});
      socket.end("HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    await using channel = new Channel({ origin: await listen(old), tls: { ca: pki.ca } });

    await expect(channel.request(aRequest(), never)).rejects.toMatchObject({ reason: "not_http2" });
  });
});

const opened: { close(): unknown }[] = [];
afterEach(() => {
  for (const server of opened.splice(0)) server.close();
});

async function listen(server: ReturnType<typeof createServer>): Promise<string> {
  opened.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
