import { expect, it } from "vitest";
import { createCertificateChain, createCredentialFiles } from "../../../test/fixtures/credential-files.ts";
import { startNgcpServer } from "../../../test/fixtures/ngcp/ngcp-server.ts";
import { createNgcpApi } from "./ngcp-api.ts";

it("comes in with a client certificate, too", async () => {
  using files = createCredentialFiles();
  const chain = createCertificateChain(files);
  const identity = chain.issue("client", { names: "DNS:sip-pushd" });
  files.openssl(
    "x509",
    "-req",
    "-in",
    "client.csr",
    "-CA",
    "chain-root.pem",
    "-CAkey",
    "chain-root-key.pem",
    "-CAcreateserial",
    "-days",
    "9",
    "-out",
    "client.pem",
  );
  await using server = await startNgcpServer({ clientCa: chain.root });
  const tls = { ca: server.certificate, certificate: files.read("client.pem"), key: identity.key };

  expect(await createNgcpApi({ url: server.url, tls }).list("domains", {})).toHaveLength(1);
  await expect(createNgcpApi({ url: server.url, tls: { ca: server.certificate } }).list("domains", {})).rejects.toThrow(
    "HTTP 401",
  );
});

it("trusts no other server than the one it is told to", async () => {
  await using ngcp = await startNgcpServer();
  const api = createNgcpApi({ url: ngcp.url, login: ngcp.login, tls: {} });

  await expect(api.list("domains", {})).rejects.toThrow(/does not answer: self-signed certificate/);
});
