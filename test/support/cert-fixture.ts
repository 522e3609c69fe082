import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { buildCertCommand } from "../../src/cli/cert.ts";
import { runCli, type CliRun, type CliTyping } from "./cli-run.ts";
import { createCredentialFiles, type CredentialFiles } from "./credential-files.ts";

export const APP = "com.example.app";

/** Certificates and keys in all common forms. */
export interface CertFixture extends Disposable {
  readonly files: CredentialFiles;
  /** Creates an empty folder for files of a test. */
  aFolder(): string;
  /** Runs `sip-pushd cert`. An argument that names a file of the fixture becomes its path. */
  cert(typing: CliTyping, ...args: string[]): Promise<CliRun>;
}

export function createCertFixture(): CertFixture {
  const files = createCredentialFiles();
  writeCredentials(files);
  let folders = 0;
  return {
    files,
    aFolder() {
      const folder = files.path(`out-${(folders += 1)}`);
      mkdirSync(folder);
      return folder;
    },
    cert(typing, ...args) {
      const placed = args.map((arg) => (existsSync(files.path(arg)) ? files.path(arg) : arg));
      return runCli(buildCertCommand, placed, {}, typing);
    },
    [Symbol.dispose]: () => files[Symbol.dispose](),
  };
}

function writeCredentials(files: CredentialFiles): void {
  const topics = [
    [APP, "app"],
    [`${APP}.voip`, "voip"],
  ] as const;
  files.certificate("ec", { uid: APP, cn: `Apple Push Services: ${APP}`, topics });
  files.certificate("other", { uid: "com.example.other", cn: "Apple Push Services: com.example.other" });
  files.certificate("voip", { uid: `${APP}.voip`, cn: `VoIP Services: ${APP}` });
  files.certificate("expired", { uid: APP, cn: "old", notAfter: "20260101000000Z" });
  const rsa = [
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-keyout",
    "rsa-key.pem",
    "-out",
    "rsa.pem",
    "-days",
    "300",
  ];
  files.openssl(...rsa, "-subj", `/UID=${APP}/CN=Apple Push Services: ${APP}`);
  files.openssl("x509", "-in", "rsa.pem", "-outform", "der", "-out", "aps.cer");
  files.openssl("pkey", "-in", "ec-key.pem", "-outform", "der", "-out", "key.der");
  // Exported as macOS does: RC2-40 for the certificate, 3DES for the key.
  exportP12(files, "Push.p12", "rsa", "secret", "-legacy");
  exportP12(files, "utf8-legacy.p12", "rsa", "pässwörd €", "-legacy");
  exportP12(files, "utf8.p12", "rsa", "pässwörd €");
  exportP12(files, "open.p12", "rsa", "");
  exportP12(files, "ec.p12", "ec", "secret");
  files.openssl(
    "pkcs12",
    "-export",
    "-legacy",
    "-nocerts",
    "-inkey",
    "rsa-key.pem",
    "-passout",
    "pass:secret",
    "-out",
    "key-only.p12",
  );
  files.openssl("pkey", "-in", "rsa-key.pem", "-aes128", "-passout", "pass:secret", "-out", "encrypted.pem");
  files.write("secret.txt", "secret\n");
  files.write("AuthKey_ABCDE12345.p8", files.read("ec-key.pem"));
  files.write("letter.txt", "Dear operator,\n");
  files.write("damaged.pem", files.read("rsa.pem").replace(/\n.{20}/, "\nAAAAAAAAAAAAAAAAAAAA"));
  files.write("truncated.p12", readFileSync(files.path("Push.p12")).subarray(0, 900));
}

function exportP12(files: CredentialFiles, name: string, pair: string, passphrase: string, ...options: string[]): void {
  const source = ["-inkey", `${pair}-key.pem`, "-in", `${pair}.pem`];
  files.openssl("pkcs12", "-export", ...options, ...source, "-passout", `pass:${passphrase}`, "-out", name);
}
