import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type CertificateChain,
  type CredentialFiles,
  createCertificateChain,
  createCredentialFiles,
} from "../../test/fixtures/credential-files.ts";
import { createTlsCheck, type TlsCheckInput, type TlsListener } from "./tls.ts";

let files: CredentialFiles;
let chain: CertificateChain;
let good: { certificate: string; key: string };

beforeAll(() => {
  files = createCredentialFiles();
  chain = createCertificateChain(files);
  const leaf = chain.issue("push", { names: "DNS:push.example.org,DNS:*.lb.example.org" });
  good = { ...leaf, certificate: leaf.certificate + chain.intermediate };
});

afterAll(() => files[Symbol.dispose]());

function listener(overrides: Partial<TlsListener> = {}): TlsListener {
  return { address: undefined, certificateFile: "tls.pem", ...good, ...overrides };
}

const NOT_SERVED = {
  verdict: "skipped",
  what: "Which certificate is served is not known: the system chooses the port.",
};

async function check(overrides: Partial<TlsListener> = {}, input: Partial<TlsCheckInput> = {}) {
  const right = {
    listeners: [listener(overrides)],
    names: ["push.example.org"],
    trusted: [chain.root],
    now: Date.now(),
  };
  return createTlsCheck({ ...right, ...input }).run(AbortSignal.timeout(10_000));
}

it("is all green for a right certificate", async () => {
  expect(await check({}, { names: ["push.example.org", "eu.lb.example.org"] })).toEqual([
    {
      verdict: "ok",
      what: expect.stringMatching(
        /^The certificate in tls\.pem is valid until .*, and the private key belongs to it\.$/,
      ),
    },
    { verdict: "ok", what: "Its chain is complete and trusted (issued by chain intermediate)." },
    { verdict: "ok", what: "It is for push.example.org." },
    { verdict: "ok", what: "It is for eu.lb.example.org." },
    NOT_SERVED,
  ]);
});

it("takes a key that is encrypted", async () => {
  files.openssl("pkey", "-in", "push-key.pem", "-aes128", "-passout", "pass:secret", "-out", "encrypted.pem");

  const findings = await check({ key: files.read("encrypted.pem"), passphrase: "secret" });

  expect(findings.slice(0, 3)).toMatchObject([{ verdict: "ok" }, { verdict: "ok" }, { verdict: "ok" }]);
});

describe("reports", () => {
  it("a key of another certificate", async () => {
    const { key } = chain.issue("other", { names: "DNS:push.example.org" });

    expect(await check({ key })).toMatchObject([
      { verdict: "failed", what: "The private key does not belong to the certificate in tls.pem." },
      NOT_SERVED,
    ]);
  });

  it("a chain without its intermediate", async () => {
    expect((await check({ certificate: files.read("push.pem") }))[1]).toMatchObject({
      verdict: "failed",
      what: "The chain in tls.pem is not complete: nobody that clients trust stands behind chain intermediate.",
      mend: expect.stringContaining("Append the intermediate certificates of the authority to tls.pem"),
    });
  });

  it("an authority that nobody trusts", async () => {
    const stranger = createCertificateChain(files, "stranger");

    expect((await check({}, { trusted: [stranger.root] }))[1]).toMatchObject({ verdict: "failed" });
    const whole = { certificate: good.certificate + chain.root };
    expect((await check(whole, { trusted: [stranger.root] }))[1]).toMatchObject({
      verdict: "failed",
      what: expect.stringContaining("which clients do not trust"),
    });
  });

  it("a certificate that has signed itself", async () => {
    files.certificate("own", { cn: "push.example.org" });

    const findings = await check({ certificate: files.read("own.pem"), key: files.read("own-key.pem") });

    expect(findings[1]).toMatchObject({ verdict: "failed", what: expect.stringContaining("has signed itself") });
  });

  it("a name that the certificate does not have", async () => {
    expect(await check({}, { names: ["push.example.org", "sip.example.org"] })).toMatchObject([
      { verdict: "ok" },
      { verdict: "ok" },
      { verdict: "ok" },
      {
        verdict: "failed",
        what: "The certificate in tls.pem is not for sip.example.org; it names push.example.org, *.lb.example.org.",
      },
      NOT_SERVED,
    ]);
  });

  it("that it was not told the names", async () => {
    expect((await check({}, { names: [] }))[2]).toMatchObject({ verdict: "skipped" });
  });

  it("an end that is near, past, or a beginning that is to come", async () => {
    const day = 86_400_000;
    const at = async (now: number) => (await check({}, { now }))[0];

    expect(await at(Date.now() + 280 * day)).toMatchObject({
      verdict: "warning",
      what: expect.stringMatching(/expires on .*, in (19|20) days\.$/),
    });
    expect(await at(Date.now() + 301 * day)).toMatchObject({
      verdict: "failed",
      what: expect.stringContaining("expired on"),
    });
    expect(await at(Date.now() - day)).toMatchObject({
      verdict: "failed",
      what: expect.stringContaining("not valid before"),
    });
  });

  it("a certificate that has expired to clients", async () => {
    files.certificate("expired", { cn: "push.example.org", notAfter: "20250101000000Z" });
    const certificate = files.read("expired.pem");

    const findings = await check({ certificate, key: files.read("expired-key.pem") }, { trusted: [certificate] });

    expect(findings[1]).toMatchObject({ verdict: "failed", what: expect.stringContaining("has expired") });
  });

  it("nothing where no listener speaks TLS", async () => {
    expect(await check({}, { listeners: [] })).toMatchObject([{ verdict: "skipped" }]);
  });
});

describe("the running gateway", () => {
  async function serve(identity: { certificate: string; key: string }) {
    const server = createServer({ cert: identity.certificate, key: identity.key }, (socket) => socket.end());
    server.on("tlsClientError", () => undefined);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    return { address: { host: "127.0.0.1", port }, [Symbol.dispose]: () => void server.close() };
  }

  it("presents the certificate of the file", async () => {
    using server = await serve(good);

    expect((await check({ address: server.address })).at(-1)).toEqual({
      verdict: "ok",
      what: `The running gateway presents it at 127.0.0.1:${server.address.port}.`,
    });
  });

  it("still presents an old one", async () => {
    using server = await serve(chain.issue("old", { names: "DNS:push.example.org" }));

    expect((await check({ address: server.address })).at(-1)).toMatchObject({
      verdict: "failed",
      what: expect.stringContaining("another certificate is presented: old, until "),
    });
  });

  it("does not run", async () => {
    expect((await check({ address: { host: "127.0.0.1", port: 1 } })).at(-1)).toMatchObject({
      verdict: "failed",
      what: expect.stringMatching(/^The gateway does not answer at 127\.0\.0\.1:1: .*ECONNREFUSED/),
    });
  });
});
