import type { CredentialFiles } from "./credential-files.ts";

export interface LeafOptions {
  /** Value of the extension: `DNS:push.example.org,IP:192.0.2.1`. */
  readonly names: string;
  readonly days?: number;
  /** Purpose of the certificate; a server by default. */
  readonly usage?: "serverAuth" | "clientAuth";
}

/** A small public authority: a root, an intermediate, and certificates that the intermediate issues. */
export interface CertificateChain {
  /** PEM. */
  readonly root: string;
  readonly intermediate: string;
  /** Returns the paths of `<name>.pem` and `<name>-key.pem`. The first contains only the leaf. */
  issue(name: string, options: LeafOptions): { readonly certificate: string; readonly key: string };
}

const NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

/** Creates an authority. `prefix` separates the files of several. */
export function createCertificateChain(files: CredentialFiles, prefix = "chain"): CertificateChain {
  const [root, intermediate] = [`${prefix}-root`, `${prefix}-intermediate`];
  files.write(`${prefix}-ca.ext`, "basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign\n");
  files.openssl(
    "req",
    "-new",
    ...NEW_KEY,
    "-keyout",
    `${root}-key.pem`,
    "-subj",
    `/CN=${prefix} root`,
    "-out",
    `${root}.csr`,
  );
  const authority = ["-extfile", `${prefix}-ca.ext`, "-days", "3000"];
  files.openssl(
    "x509",
    "-req",
    "-in",
    `${root}.csr`,
    "-signkey",
    `${root}-key.pem`,
    ...authority,
    "-out",
    `${root}.pem`,
  );
  const sign = (name: string, issuer: string, ...extensions: string[]): void => {
    const by = ["-CA", `${issuer}.pem`, "-CAkey", `${issuer}-key.pem`, "-CAcreateserial"];
    files.openssl("x509", "-req", "-in", `${name}.csr`, ...by, ...extensions, "-out", `${name}.pem`);
  };
  const request = (name: string, commonName: string): void =>
    files.openssl(
      "req",
      "-new",
      ...NEW_KEY,
      "-keyout",
      `${name}-key.pem`,
      "-subj",
      `/CN=${commonName}`,
      "-out",
      `${name}.csr`,
    );
  request(intermediate, `${prefix} intermediate`);
  sign(intermediate, root, ...authority);
  return {
    root: files.read(`${root}.pem`),
    intermediate: files.read(`${intermediate}.pem`),
    issue(name, { names, days = 300, usage = "serverAuth" }) {
      files.write(`${name}.ext`, `subjectAltName=${names}\nextendedKeyUsage=${usage}\n`);
      request(name, name);
      sign(name, intermediate, "-extfile", `${name}.ext`, "-days", String(days));
      return { certificate: files.read(`${name}.pem`), key: files.read(`${name}-key.pem`) };
    },
  };
}
