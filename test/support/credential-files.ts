import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A directory of credential files, made with openssl as an operator would. It is removed when disposed. */
export interface CredentialFiles extends Disposable {
  readonly directory: string;
  path(name: string): string;
  /** Writes a file, readable only by its owner unless `mode` says otherwise. */
  write(name: string, content: string | Uint8Array, mode?: number): string;
  read(name: string): string;
  openssl(...args: string[]): void;
  /** Creates `<name>.pem` and `<name>-key.pem`, self-signed. */
  certificate(name: string, options?: CertificateOptions): void;
  serviceAccount(name: string, overrides?: Record<string, unknown>): string;
}

export interface CertificateOptions {
  readonly uid?: string;
  readonly cn?: string;
  /** Topics in Apple's extension, each with its kind. */
  readonly topics?: readonly (readonly [topic: string, kind: string])[];
  /** OID of the extension with the topics, if not the usual one. */
  readonly topicsOid?: string;
  /** Environments that the certificate is for. */
  readonly environments?: readonly ("production" | "sandbox")[];
  /** In openssl's form: `YYYYMMDDHHMMSSZ`. */
  readonly notBefore?: string;
  readonly notAfter?: string;
}

const APNS_TOPICS_OID = "1.2.840.113635.100.6.3.6";
const ENVIRONMENT_OIDS = { sandbox: "1.2.840.113635.100.6.3.1", production: "1.2.840.113635.100.6.3.2" };

export function createCredentialFiles(): CredentialFiles {
  const directory = mkdtempSync(join(tmpdir(), "sip-pushd-credentials-"));
  const path = (name: string) => join(directory, name);
  const files: CredentialFiles = {
    directory,
    path,
    write(name, content, mode = 0o600) {
      writeFileSync(path(name), content);
      chmodSync(path(name), mode);
      return path(name);
    },
    read: (name) => readFileSync(path(name), "utf8"),
    openssl: (...args) => void execFileSync("openssl", args, { cwd: directory, stdio: "pipe" }),
    certificate(name, options = {}) {
      const { notBefore = "20200101000000Z", notAfter = "20600101000000Z" } = options;
      files.write(`${name}.cnf`, requestConfig(options));
      files.openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", `${name}-key.pem`);
      chmodSync(path(`${name}-key.pem`), 0o600);
      files.openssl("req", "-new", "-key", `${name}-key.pem`, "-config", `${name}.cnf`, "-out", `${name}.csr`);
      files.write("index.txt", "");
      files.write("serial", "01\n");
      const validity = ["-startdate", notBefore, "-enddate", notAfter];
      const signing = ["-selfsign", "-keyfile", `${name}-key.pem`, "-in", `${name}.csr`, "-out", `${name}.pem`];
      files.openssl("ca", "-batch", "-notext", "-config", `${name}.cnf`, ...validity, ...signing);
    },
    serviceAccount(name, overrides = {}) {
      const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
      const account = {
        type: "service_account",
        project_id: "example-project",
        client_email: "push@example-project.iam.gserviceaccount.com",
        private_key: privateKey.export({ format: "pem", type: "pkcs8" }),
        ...overrides,
      };
      return files.write(name, JSON.stringify(account));
    },
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
  return files;
}

function requestConfig(options: CertificateOptions): string {
  const { uid, cn = "localhost", topics = [], topicsOid = APNS_TOPICS_OID, environments = [] } = options;
  const entries = topics.flatMap(([topic, kind], index) => [
    `t${index}a=UTF8String:${topic}`,
    `t${index}b=SEQWRAP,UTF8String:${kind}`,
  ]);
  return `
[req]
distinguished_name=dn
prompt=no
[dn]
${uid === undefined ? "" : `UID=${uid}`}
CN=${cn}
[ca]
default_ca=self
[self]
database=index.txt
serial=serial
new_certs_dir=.
default_md=sha256
policy=anything
unique_subject=no
x509_extensions=extensions
[anything]
UID=optional
CN=optional
[extensions]
basicConstraints=CA:FALSE
${environments.map((environment) => `${ENVIRONMENT_OIDS[environment]}=ASN1:NULL`).join("\n")}
${topics.length > 0 ? `${topicsOid}=ASN1:SEQUENCE:topics` : ""}
[topics]
${entries.join("\n")}
`;
}
