import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { problem, startFakeGateway } from "../../test/fixtures/fake-gateway.ts";
import { createSimulatorPki } from "../simulator/certificates.ts";
import { createGatewayClient } from "./gateway-client.ts";

const GET = { method: "GET", path: "/v1/thing" } as const;

function ask(url: string, timeoutMs?: number) {
  return createGatewayClient({ url: new URL(url), source: "given by --url" }, timeoutMs).request<{ it: number }>(
    GET,
    "it",
  );
}

it("explains a refused connection: what was tried, and how to name another address", async () => {
  const server = createServer();
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");

  await expect(ask(`http://127.0.0.1:${port}`)).rejects.toMatchObject({
    code: "ECONNREFUSED",
    message: `No answer from the gateway at http://127.0.0.1:${port} (given by --url): nothing listens there.`,
    mend: expect.stringContaining("--url URL (or SIP_PUSHD_URL), or --config FILE"),
  });
});

it("says how to trust a certificate, and has no way around it", async () => {
  const pki = createSimulatorPki();
  await using gateway = await startFakeGateway({ tls: pki.issueServerCertificate({ names: ["127.0.0.1"] }) });

  await expect(ask(gateway.url)).rejects.toMatchObject({ mend: expect.stringContaining("--ca FILE") });
});

it("notices http:// and https:// exchanged", async () => {
  const pki = createSimulatorPki();
  await using plain = await startFakeGateway();
  await using hangingUp = await startHangingUp();
  await using secure = await startFakeGateway({ tls: pki.issueServerCertificate({ names: ["127.0.0.1"] }) });

  await expect(ask(plain.url.replace("http:", "https:"))).rejects.toMatchObject({
    mend: expect.stringContaining("http://"),
  });
  await expect(ask(hangingUp.url)).rejects.toMatchObject({
    mend: expect.stringContaining("http://"),
  });
  await expect(ask(secure.url.replace("https:", "http:"))).rejects.toMatchObject({
    mend: expect.stringContaining("https://"),
  });
});

it("hands on what the gateway says about a refusal, and how to get in", async () => {
  await using gateway = await startFakeGateway({ key: "secret" });

  await expect(ask(gateway.url)).rejects.toMatchObject({
    status: 401,
    code: "unauthorized",
    message: "The gateway refused: Send an API key.",
    mend: expect.stringContaining("--key-file FILE"),
  });
});

it("keeps the field and the push that a refusal is about", async () => {
  await using gateway = await startFakeGateway();
  gateway.answer("GET /v1/thing", problem(422, "key_reused", "Again.", { field: "push_id", push_id: "7" }));

  await expect(ask(gateway.url)).rejects.toMatchObject({ problem: { field: "push_id", push_id: "7" } });
});

it.each([
  ["a web page", { status: 404, body: "<html>nginx</html>" }],
  ["a web page with success", { status: 200, body: "<html>nginx</html>" }],
  ["JSON of another program", { status: 200, body: { hello: "world" } }],
  ["an error of another program", { status: 500, body: { error: "boom" } }],
])("does not take %s for the gateway's answer", async (_what, answer) => {
  await using gateway = await startFakeGateway();
  gateway.answer("GET /v1/thing", answer);

  await expect(ask(gateway.url)).rejects.toMatchObject({ code: "not_a_gateway" });
});

it("never shows the password of an address", async () => {
  await using gateway = await startFakeGateway();
  gateway.answer("GET /v1/thing", { status: 404, body: "" });

  const error: unknown = await ask(gateway.url.replace("//", "//any:s3cret@")).catch((thrown: unknown) => thrown);

  expect(String(error)).toContain("127.0.0.1");
  expect(String(error)).not.toContain("s3cret");
});

/** Closes every connection that does not begin with plain HTTP, as the gateway's plain listener does. */
async function startHangingUp() {
  const server = createServer((socket) => socket.on("error", () => {}).once("data", () => socket.destroy()));
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      await closed;
    },
  };
}
