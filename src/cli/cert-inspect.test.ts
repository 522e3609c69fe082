import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { APP, createCertFixture, type CertFixture } from "../../test/fixtures/credential-files.ts";

let fixture: CertFixture;
let files: CertFixture["files"];
const aFolder = () => fixture.aFolder();
const cert: CertFixture["cert"] = (...args) => fixture.cert(...args);

beforeAll(() => {
  fixture = createCertFixture();
  files = fixture.files;
});

afterAll(() => fixture[Symbol.dispose]());

describe("cert inspect", () => {
  it.each([
    ["PEM", "ec.pem", ""],
    ["PKCS#12", "ec.p12", "secret"],
  ])("says all about a certificate in %s", async (_form, file, typed) => {
    const run = await cert(typed, "inspect", file, "--json");
    const [facts] = JSON.parse(run.stdout);
    const leaf = new X509Certificate(files.read("ec.pem"));

    expect(facts).toMatchObject({
      kind: "certificate",
      subject: `UID=${APP}, CN=Apple Push Services: ${APP}`,
      topics: [APP, `${APP}.voip`],
      environments: [],
      valid_to: "2060-01-01T00:00:00.000Z",
      key: "EC prime256v1",
      sha256: leaf.fingerprint256,
      sha1: leaf.fingerprint,
    });
  });

  it("reads DER and Apple's .p8", async () => {
    const run = await cert("", "inspect", "aps.cer", "AuthKey_ABCDE12345.p8");

    expect(run.stdout).toMatch(/aps\.cer: certificate\n {2}subject +UID=com\.example\.app, CN=Apple Push Services/);
    expect(run.stdout).toMatch(/AuthKey_ABCDE12345\.p8: private key\n {2}key +EC prime256v1, not encrypted/);
  });

  it.each([
    ["rsa-key.pem", "belongs to it"],
    ["other-key.pem", "belongs to another key"],
  ])("says whether a certificate and %s belong together", async (key, verdict) => {
    const run = await cert("", "inspect", "rsa.pem", key);

    expect(run.stdout).toMatch(new RegExp(`certificate +${verdict}`));
  });

  it("says that a certificate has expired", async () => {
    expect((await cert("", "inspect", "expired.pem")).stdout).toContain("2026-01-01 (expired)");
  });
});

describe("cert csr", () => {
  it("makes a request that openssl verifies, and a key that the certificate can be imported with", async () => {
    const folder = aFolder();

    const run = await cert(
      "",
      "csr",
      "--email",
      "dev@example.org",
      "--common-name",
      "Jürgen",
      "--country",
      "at",
      "--out",
      folder,
    );
    const request = `${folder}/PushChat.certSigningRequest`;
    files.openssl(
      "req",
      "-verify",
      "-in",
      request,
      "-noout",
      "-subject",
      "-nameopt",
      "utf8,sep_comma_plus",
      "-out",
      "subject.txt",
    );
    files.openssl(
      "x509",
      "-req",
      "-in",
      request,
      "-CA",
      "ec.pem",
      "-CAkey",
      "ec-key.pem",
      "-CAcreateserial",
      "-days",
      "9",
      "-outform",
      "der",
      "-out",
      "issued.cer",
    );
    const imported = await cert("", "import", "issued.cer", `${folder}/PushChatKey.pem`, "--out", folder);

    expect(run.exitCode).toBe(0);
    expect(run.stdout).toContain("sip-pushd cert import aps.cer");
    expect(files.read("subject.txt")).toBe("subject=emailAddress=dev@example.org,CN=Jürgen,C=AT\n");
    expect(createPrivateKey(readFileSync(`${folder}/PushChatKey.pem`)).asymmetricKeyDetails?.modulusLength).toBe(2048);
    expect(imported.exitCode).toBe(0);
  });

  it.each([["--email", "nobody"], ["--email", "ü@example.org"], ["--email", "a@b.c", "--country", "AUT"], []])(
    "refuses %s %s %s %s",
    async (...args) => {
      const run = await cert("", "csr", "--out", aFolder(), ...args.filter((arg) => arg !== undefined));

      expect(run.exitCode).toBe(2);
    },
  );

  it("encrypts the key where it is told to", async () => {
    const folder = aFolder();

    await cert("", "csr", "--email", "a@b.c", "--new-passphrase-file", "secret.txt", "--out", folder);

    expect(readFileSync(`${folder}/PushChatKey.pem`, "utf8")).toContain("BEGIN ENCRYPTED PRIVATE KEY");
  });
});

describe("cert dev", () => {
  it("makes certificates that openssl verifies, for the names given", async () => {
    const folder = aFolder();

    const run = await cert("", "dev", "push.example.test", "--out", folder);
    const server = new X509Certificate(readFileSync(`${folder}/server.crt`));

    expect(run.exitCode).toBe(0);
    for (const name of ["server.crt", "apns-cert.pem"])
      files.openssl("verify", "-CAfile", `${folder}/ca.crt`, `${folder}/${name}`);
    expect(server.subjectAltName).toContain("DNS:push.example.test, DNS:localhost");
    expect(server.checkPrivateKey(createPrivateKey(readFileSync(`${folder}/server.key`)))).toBe(true);
    expect(statSync(`${folder}/server.key`).mode & 0o777).toBe(0o600);
  });
});
