import { createPrivateKey, X509Certificate } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { createSecureContext } from "node:tls";
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

/** Reads the pair in a folder. TLS must accept it. */
function readPair(folder: string, passphrase?: string, name = "PushChat") {
  const certificate = readFileSync(`${folder}/${name}Cert.pem`, "utf8");
  const key = readFileSync(`${folder}/${name}Key.pem`, "utf8");
  createSecureContext({ cert: certificate, key, ...(passphrase === undefined ? {} : { passphrase }) });
  return { certificate, key };
}

describe("cert import", () => {
  it("cannot leave old .p12 files to Node, which is why it does it by itself", () => {
    const pfx = readFileSync(files.path("Push.p12"));

    expect(() => createSecureContext({ pfx, passphrase: "secret" })).toThrow(/unsupported/i);
  });

  it.each([
    ["aps.cer and an old Push.p12", ["aps.cer", "Push.p12"], "secret\n"],
    ["the same in the other order", ["Push.p12", "aps.cer"], "secret\n"],
    ["an old Push.p12 alone", ["Push.p12"], "secret\n"],
    ["a new .p12 with letters that ASCII has not", ["utf8.p12"], "pässwörd €"],
    ["an old one with such letters", ["utf8-legacy.p12"], "pässwörd €"],
    ["one without a passphrase", ["open.p12"], ""],
    ["a .p12 with the key alone, and the certificate", ["aps.cer", "key-only.p12"], "secret"],
    ["PEM files", ["rsa.pem", "rsa-key.pem"], ""],
    ["an encrypted PEM key", ["aps.cer", "encrypted.pem"], "secret"],
  ])("makes PEM files of %s", async (_what, given, typed) => {
    const folder = aFolder();

    const run = await cert(typed, "import", ...given, "--out", folder);
    const pair = readPair(folder);

    expect(run).toMatchObject({ exitCode: 0, stderr: "" });
    expect(new X509Certificate(pair.certificate).raw).toEqual(new X509Certificate(files.read("rsa.pem")).raw);
    expect(createPrivateKey(pair.key).equals(createPrivateKey(files.read("rsa-key.pem")))).toBe(true);
    expect(statSync(`${folder}/PushChatKey.pem`).mode & 0o777).toBe(0o600);
    expect(run.stdout).toContain(`    certificate: ${folder}/PushChatCert.pem\n    key: ${folder}/PushChatKey.pem\n`);
  });

  it("takes elliptic keys, DER and names of its own, too", async () => {
    const folder = aFolder();

    await cert("secret", "import", "ec.p12", "--out", folder, "--name", "First");
    await cert("", "import", "ec.pem", "key.der", "--out", folder, "--name", "Second");

    expect(readPair(folder, undefined, "First")).toEqual(readPair(folder, undefined, "Second"));
  });

  it("asks for the passphrases at a terminal, and encrypts the key with the new one", async () => {
    const folder = aFolder();
    const answers = {
      [`Passphrase of ${files.path("Push.p12")}: `]: "secret",
      "New passphrase for the private key: ": "other words",
      "The same again: ": "other words",
    };

    const run = await cert(answers, "import", "Push.p12", "--encrypt", "--out", folder);
    const { key } = readPair(folder, "other words");

    expect(run.exitCode).toBe(0);
    expect(key).toContain("BEGIN ENCRYPTED PRIVATE KEY");
    expect(run.stdout + run.stderr).not.toMatch(/secret|other words/);
    expect(run.stdout).toContain("key_passphrase_file:");
  });

  it("reads passphrases from files", async () => {
    const folder = aFolder();

    await cert(
      "",
      "import",
      "Push.p12",
      "--passphrase-file",
      "secret.txt",
      "--new-passphrase-file",
      "secret.txt",
      "--out",
      folder,
    );

    expect(readPair(folder, "secret").key).toContain("ENCRYPTED");
  });

  it("says where a certificate for calls alone belongs", async () => {
    const run = await cert("", "import", "voip.pem", "voip-key.pem", "--out", aFolder(), "--name", "PushCallkit");

    expect(run.stdout).toMatch(/extra_instances:\n {4}- type: callkit\n {6}certificate: .*PushCallkitCert\.pem\n/);
  });

  it("prints JSON", async () => {
    const folder = aFolder();

    const run = await cert("", "import", "ec.pem", "ec-key.pem", "--out", folder, "--json");

    expect(JSON.parse(run.stdout)).toMatchObject({
      certificate_file: `${folder}/PushChatCert.pem`,
      key_file: `${folder}/PushChatKey.pem`,
      encrypted: false,
      topics: [APP, `${APP}.voip`],
    });
  });

  it.each([
    [
      "a key of another certificate",
      ["aps.cer", "other-key.pem"],
      "",
      "The private key does not belong to Apple Push Services",
    ],
    ["no key", ["aps.cer"], "", "There is no private key in "],
    ["no certificate", ["rsa-key.pem"], "", "There is no certificate in "],
    ["a wrong passphrase", ["Push.p12"], "wrong", "The passphrase does not open "],
    ["a wrong passphrase of a PEM key", ["aps.cer", "encrypted.pem"], "wrong", "The passphrase does not open "],
    ["no passphrase", ["Push.p12"], "", "is encrypted, and there is no terminal to ask for its passphrase."],
    ["a file that is none", ["letter.txt"], "", "holds neither a certificate nor a private key."],
    ["a damaged certificate", ["damaged.pem", "rsa-key.pem"], "", "damaged.pem is damaged."],
    ["half a file", ["truncated.p12"], "secret", "truncated.p12 cannot be opened: "],
    ["a file that is not there", ["none.p12"], "", "none.p12 cannot be read: ENOENT"],
  ])("refuses %s, and writes nothing", async (_what, given, typed, message) => {
    const folder = aFolder();

    const run = await cert(typed, "import", ...given, "--out", folder);

    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain(message);
    expect(existsSync(`${folder}/PushChatCert.pem`)).toBe(false);
    expect(existsSync(`${folder}/PushChatKey.pem`)).toBe(false);
  });

  it("writes over nothing unless it is told to", async () => {
    const folder = aFolder();
    await cert("", "import", "rsa.pem", "rsa-key.pem", "--out", folder);

    const refused = await cert("", "import", "ec.pem", "ec-key.pem", "--out", folder);
    const before = readPair(folder);
    const forced = await cert("", "import", "ec.pem", "ec-key.pem", "--out", folder, "--force");

    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toContain("would be written over; nothing was written.");
    expect(before.certificate).toBe(files.read("rsa.pem"));
    expect(forced.exitCode).toBe(0);
    expect(readPair(folder)).not.toEqual(before);
  });
});
