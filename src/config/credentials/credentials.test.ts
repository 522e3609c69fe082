import { afterAll, beforeAll, expect, it } from "vitest";
import { createCredentialFiles, type CredentialFiles } from "../../../test/fixtures/credential-files.ts";
import { loadConfig } from "../load-config.ts";
import { ConfigError, printProblem, type ConfigProblem } from "../problem.ts";
import { readFileFromDisk } from "./files.ts";

const NOW = Date.UTC(2026, 10, 23);

let files: CredentialFiles;

beforeAll(() => {
  files = createCredentialFiles();
  const app = { uid: "com.example.app", topics: [["com.example.app.voip", "voip"]] } as const;
  files.certificate("apns", app);
  files.certificate("other", app);
  files.certificate("expired", { ...app, notAfter: "20260101000000Z" });
  files.certificate("future", { ...app, notBefore: "20270101000000Z" });
  files.certificate("soon", { ...app, notAfter: "20261203120000Z" });
  files.write("pass.txt", "secret words\n");
  files.write("wrong.txt", "other words");
  files.write("empty.txt", "\n");
  const encrypt = ["-in", "apns-key.pem", "-passout", "file:pass.txt"];
  files.openssl("pkey", ...encrypt, "-aes128", "-out", "encrypted.pem");
  files.openssl("ec", ...encrypt, "-aes128", "-out", "encrypted-ec.pem");
  files.openssl(
    "pkcs12",
    "-export",
    "-inkey",
    "apns-key.pem",
    "-in",
    "apns.pem",
    "-passout",
    "pass:p",
    "-out",
    "apns.p12",
  );
  // A common command; it leaves the key encrypted.
  files.openssl(
    "pkcs12",
    "-nocerts",
    "-in",
    "apns.p12",
    "-passin",
    "pass:p",
    "-passout",
    "file:pass.txt",
    "-out",
    "p12.pem",
  );
  files.openssl("x509", "-in", "apns.pem", "-outform", "der", "-out", "apns.cer");
  files.openssl("pkey", "-in", "apns-key.pem", "-outform", "der", "-out", "key.der");
  files.openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384", "-out", "p384.pem");
  files.openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", "rsa.pem");
  files.write("damaged.pem", files.read("apns-key.pem").replace(/\n.{20}/, "\nAAAAAAAAAAAAAAAAAAAA"));
  files.write("damaged-cert.pem", files.read("apns.pem").replace(/\n.{20}/, "\nAAAAAAAAAAAAAAAAAAAA"));
  files.write("letter.txt", "Dear operator,\n");
  files.write("open-key.pem", files.read("apns-key.pem"), 0o644);
  files.write("group-key.pem", files.read("apns-key.pem"), 0o640);
  for (const name of ["encrypted.pem", "encrypted-ec.pem", "p12.pem", "p384.pem", "rsa.pem"]) {
    files.write(name, files.read(name));
  }
});

afterAll(() => files[Symbol.dispose]());

const readFile: typeof readFileFromDisk = (path) => {
  if (path.endsWith("forbidden.pem")) throw Object.assign(new Error("EACCES"), { code: "EACCES" });
  return readFileFromDisk(path);
};

function load(apns: string) {
  const text = `listen: [{port: 1}]\napns:\n  ${apns}\n`;
  return loadConfig({
    file: files.path("config.yml"),
    text,
    env: { STATE_DIRECTORY: files.directory },
    now: NOW,
    readFile,
  });
}

function problemsOf(apns: string): string[] {
  try {
    return load(apns).warnings.map(short);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(short);
    throw error;
  }
}

function short(problem: ConfigProblem): string {
  return printProblem(problem)
    .replaceAll(`${files.directory}/`, "")
    .replace(/^config.yml:3: /, "");
}

const jwt = (key: string) => `http2_jwt: {ec_key: ${key}, ec_key_id: ABCDE12345, issuer: VWXYZ67890, topic: a}`;
const pair = (certificate: string, key: string) => `{certificate: ${certificate}, key: ${key}}`;

it.each([
  ["none.pem", "apns-key.pem", "apns.certificate: there is no file none.pem; create it, or correct the path"],
  ["apns.pem/x", "apns-key.pem", "apns.certificate: there is no file apns.pem/x; create it, or correct the path"],
  ["apns.pem", "none.pem", "apns.key: there is no file none.pem; create it, or correct the path"],
  [
    "forbidden.pem",
    "apns-key.pem",
    /^apns\.certificate: this process may not read forbidden\.pem; run: chown .*chmod 640/,
  ],
  [".", "apns-key.pem", /^apns\.certificate: .* is a directory; name the file inside it$/],
  [
    "apns.cer",
    "apns-key.pem",
    "apns.certificate: apns.cer is a certificate in DER form, not PEM; convert it: openssl x509 -inform der -in apns.cer -out <new file>.pem",
  ],
  [
    "apns.p12",
    "apns-key.pem",
    /^apns\.certificate: apns\.p12 is a PKCS#12 file \(\.p12\), not PEM; convert it: sip-pushd cert import apns\.p12$/,
  ],
  [
    "apns.pem",
    "key.der",
    "apns.key: key.der is a private key in DER form, not PEM; convert it: openssl pkey -inform der -in key.der -out <new file>.pem",
  ],
  [
    "letter.txt",
    "apns-key.pem",
    "apns.certificate: letter.txt holds no PEM; name a file in PEM form, with a line BEGIN CERTIFICATE in it",
  ],
  [
    "apns-key.pem",
    "apns-key.pem",
    "apns.certificate: apns-key.pem is a private key, not a certificate; name the PEM file with the certificate",
  ],
  [
    "apns.pem",
    "other.pem",
    "apns.key: other.pem is a certificate, not a private key; name the PEM file with the private key",
  ],
  [
    "damaged-cert.pem",
    "apns-key.pem",
    "apns.certificate: the certificate in damaged-cert.pem is damaged; export it again",
  ],
  ["apns.pem", "damaged.pem", "apns.key: the private key in damaged.pem is damaged; export it again"],
  [
    "apns.pem",
    "other-key.pem",
    /^apns\.key: the private key in other-key\.pem does not belong to the certificate in apns\.pem; /,
  ],
  [
    "expired.pem",
    "expired-key.pem",
    "apns.certificate: the certificate in expired.pem expired on 2026-01-01; renew it, and put the new one in its place",
  ],
  [
    "future.pem",
    "future-key.pem",
    /^apns\.certificate: the certificate in future\.pem is not valid before 2027-01-01; check this machine's clock/,
  ],
  [
    "soon.pem",
    "soon-key.pem",
    /^warning: apns\.certificate: the certificate in soon\.pem expires on 2026-12-03, in 10 days; renew it/,
  ],
  [
    "apns.pem",
    "open-key.pem",
    "warning: apns.key: open-key.pem holds a secret and is open to everyone on this machine; run: chmod o= open-key.pem",
  ],
])("says what is wrong with the pair %s and %s", (certificate, key, problem) => {
  const problems = problemsOf(`{certificate: ${certificate}, key: ${key}}`);

  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(problem);
});

it("finds nothing wrong with a key that the group of the service may read", () => {
  expect(problemsOf(pair("apns.pem", "group-key.pem"))).toEqual([]);
});

it.each(["encrypted.pem", "encrypted-ec.pem", "p12.pem"])("opens the encrypted key %s with its passphrase", (key) => {
  const { config } = load(`{certificate: apns.pem, key: ${key}, key_passphrase_file: pass.txt}`);

  expect(config.apps.apns?.credentials).toMatchObject({ kind: "certificate", passphrase: "secret words" });
});

it.each(["encrypted.pem", "encrypted-ec.pem", "p12.pem"])("asks for the passphrase of the encrypted key %s", (key) => {
  expect(problemsOf(pair("apns.pem", key))).toEqual([
    `apns.key: the private key in ${key} is encrypted and there is no passphrase; set apns.key_passphrase or apns.key_passphrase_file, or decrypt it: openssl pkey -in ${key} -out <new file>`,
  ]);
});

it.each([
  [
    "key_passphrase_file: wrong.txt",
    /^apns\.key: the passphrase does not open the private key in encrypted\.pem; try it/,
  ],
  ["key_passphrase: wrong", /^apns\.key: the passphrase does not open the private key in encrypted\.pem; try it/],
  ["key_passphrase_file: empty.txt", /^apns\.key_passphrase_file: empty\.txt is empty; /],
  ["key_passphrase: a, key_passphrase_file: pass.txt", /^apns\.key_passphrase_file: key_passphrase is given as well; /],
])("refuses %s", (passphrase, problem) => {
  const problems = problemsOf(`{certificate: apns.pem, key: encrypted.pem, ${passphrase}}`);

  expect(problems[0]).toMatch(problem);
  expect(problems.join()).not.toContain("words");
});

it("takes the passphrase of a certificate in another place from there or from apns", () => {
  const { config } = load(
    "{key_passphrase_file: pass.txt, legacy: {certificate: apns.pem, key: encrypted.pem}, extra_instances: [{type: callkit, certificate: apns.pem, key: encrypted-ec.pem, key_passphrase: secret words}]}",
  );

  expect(config.apps.apns).toMatchObject({
    credentials: { passphrase: "secret words" },
    voipCredentials: { passphrase: "secret words", topics: ["com.example.app.voip"] },
  });
});

it.each([
  ["p384.pem", /the key in p384\.pem is EC secp384r1; Apple's signing keys are EC P-256; name the \.p8 file/],
  ["rsa.pem", /the key in rsa\.pem is of type rsa; Apple's signing keys are EC P-256/],
  ["apns.pem", /apns\.pem is a certificate, not a private key/],
  ["encrypted.pem", /is encrypted and there is no passphrase; set apns\.key_passphrase or/],
])("refuses the signing key %s", (key, problem) => {
  expect(problemsOf(jwt(key))).toEqual([expect.stringMatching(/^apns\.http2_jwt\.ec_key: /)]);
  expect(problemsOf(jwt(key))[0]).toMatch(problem);
});

it("hands a signing key and a TLS key over decrypted", () => {
  const { config } = load(
    `{key_passphrase_file: pass.txt, http2_jwt: {ec_key: encrypted.pem, ec_key_id: ABCDE12345, issuer: VWXYZ67890, topic: a, tls_certificate: apns.pem, tls_key: encrypted-ec.pem}}`,
  );

  const plain = files.read("apns-key.pem");
  expect(config.apps.apns?.credentials).toMatchObject({ kind: "token", key: plain, tls: { key: plain } });
});

it("wants PEM certificates in ca_file", () => {
  expect(problemsOf("{certificate: apns.pem, key: apns-key.pem, ca_file: letter.txt}")).toEqual([
    "apns.ca_file: letter.txt holds no PEM; name a file in PEM form, with a line BEGIN CERTIFICATE in it",
  ]);
});
