import { createPrivateKey, X509Certificate } from "node:crypto";
import { checkServerIdentity } from "node:tls";
import { failed, ok, skipped, warning, type Finding } from "../push/finding.ts";
import type { Check } from "./check.ts";
import { tryHandshake, type HandshakeFault } from "./handshake.ts";
import { askPeerCertificate } from "./peer-certificate.ts";

/** A TLS listener of the gateway. */
export interface TlsListener {
  /** Address for a connection from this machine; undefined if the system chooses the port. */
  readonly address: { readonly host: string; readonly port: number } | undefined;
  readonly certificateFile: string;
  /** PEM, the server's own certificate first. */
  readonly certificate: string;
  readonly key: string;
  readonly passphrase?: string;
}

export interface TlsCheckInput {
  readonly listeners: readonly TlsListener[];
  /** Host names by which clients reach the gateway. */
  readonly names: readonly string[];
  /** PEM of authorities that clients trust. */
  readonly trusted: readonly string[];
  readonly now: number;
}

const DAY_MS = 86_400_000;
const WARN_BEFORE_DAYS = 30;

export function createTlsCheck(input: TlsCheckInput): Check {
  return {
    name: "tls",
    async run(signal) {
      if (input.listeners.length === 0)
        return [skipped("No listener speaks TLS: only this machine reaches the gateway.")];
      const files = new Map(input.listeners.map((listener) => [listener.certificateFile, listener]));
      const ofFiles = await Promise.all([...files.values()].map((listener) => checkFile(listener, input, signal)));
      const served = await Promise.all(input.listeners.map((listener) => checkServed(listener, signal)));
      return [...ofFiles.flat(), ...served.flat()];
    },
  };
}

async function checkFile(listener: TlsListener, input: TlsCheckInput, signal: AbortSignal): Promise<Finding[]> {
  const leaf = new X509Certificate(listener.certificate);
  if (!belongsTo(leaf, listener)) {
    const what = `The private key does not belong to the certificate in ${listener.certificateFile}.`;
    return [failed(what, "Name the key that the certificate was requested with (sslcertkeyfile).")];
  }
  return [
    checkExpiry(leaf, listener.certificateFile, input.now),
    await checkTrust(listener, leaf, input, signal),
    ...checkNames(leaf, listener.certificateFile, input.names),
  ];
}

function belongsTo(leaf: X509Certificate, { key, passphrase }: TlsListener): boolean {
  try {
    return leaf.checkPrivateKey(createPrivateKey(passphrase === undefined ? key : { key, passphrase }));
  } catch {
    return false;
  }
}

function checkExpiry({ validFromDate, validToDate }: X509Certificate, file: string, now: number): Finding {
  const until = validToDate.toISOString().slice(0, 10);
  const days = Math.floor((validToDate.getTime() - now) / DAY_MS);
  const renew = "Have it renewed; the gateway takes the new one up by itself.";
  if (validFromDate.getTime() > now) {
    const what = `The certificate in ${file} is not valid before ${validFromDate.toISOString()}.`;
    return failed(what, "Look at this machine's clock.");
  }
  if (days < 0) return failed(`The certificate in ${file} expired on ${until}.`, renew);
  if (days < WARN_BEFORE_DAYS)
    return warning(`The certificate in ${file} expires on ${until}, in ${days} days.`, renew);
  return ok(`The certificate in ${file} is valid until ${until}, and the private key belongs to it.`);
}

async function checkTrust(
  listener: TlsListener,
  leaf: X509Certificate,
  { trusted }: TlsCheckInput,
  signal: AbortSignal,
): Promise<Finding> {
  const fault = await tryHandshake(listener, trusted, signal);
  if (fault === undefined) return ok(`Its chain is complete and trusted (issued by ${commonNameOf(leaf.issuer)}).`);
  return describeFault(fault, listener.certificateFile, leaf);
}

function describeFault({ code, message }: HandshakeFault, file: string, leaf: X509Certificate): Finding {
  const issuer = commonNameOf(leaf.issuer);
  switch (code) {
    case "UNABLE_TO_VERIFY_LEAF_SIGNATURE":
    case "UNABLE_TO_GET_ISSUER_CERT":
    case "UNABLE_TO_GET_ISSUER_CERT_LOCALLY":
      return failed(
        `The chain in ${file} is not complete: nobody that clients trust stands behind ${issuer}.`,
        `Append the intermediate certificates of the authority to ${file}; for an authority of your own set checklist.ca_file.`,
      );
    case "DEPTH_ZERO_SELF_SIGNED_CERT":
      return failed(`The certificate in ${file} has signed itself: phones and proxies do not trust it.`, TRUSTED_ONE);
    case "SELF_SIGNED_CERT_IN_CHAIN":
      return failed(`The certificate in ${file} is issued by ${issuer}, which clients do not trust.`, TRUSTED_ONE);
    case "CERT_HAS_EXPIRED":
      return failed(`The certificate in ${file}, or one above it in the chain, has expired.`, "Have it renewed.");
    default:
      return failed(`Clients would refuse the certificate in ${file}: ${message} (${code}).`, TRUSTED_ONE);
  }
}

const TRUSTED_ONE =
  "Get one from an authority that phones trust; for an authority of your own set checklist.ca_file, and install it on all clients.";

function checkNames(leaf: X509Certificate, file: string, names: readonly string[]): Finding[] {
  if (names.length === 0) {
    const mend = "Write checklist.names: and the host names by which phones and proxies reach the gateway.";
    return [skipped(`Whether ${file} is for the right host names is not known.`, mend)];
  }
  return names.map((name) =>
    checkServerIdentity(name, leaf.toLegacyObject()) === undefined
      ? ok(`It is for ${name}.`)
      : failed(
          `The certificate in ${file} is not for ${name}; it names ${describeNames(leaf)}.`,
          `Request one for ${name}, or correct checklist.names.`,
        ),
  );
}

function describeNames(leaf: X509Certificate): string {
  // Undefined if the certificate has none, although the type does not say so.
  const names: string | undefined = leaf.subjectAltName;
  return names?.replaceAll(/(?:DNS|IP Address):/g, "") ?? "nothing";
}

async function checkServed({ address, certificate }: TlsListener, signal: AbortSignal): Promise<Finding[]> {
  if (address === undefined) return [skipped("Which certificate is served is not known: the system chooses the port.")];
  const place = `${address.host}:${address.port}`;
  const served = await askPeerCertificate(address, signal);
  if ("error" in served) {
    const what = `The gateway does not answer at ${place}: ${served.error}.`;
    return [failed(what, "Start it (sip-pushd serve), and look at its log.")];
  }
  if (served.certificate.fingerprint256 === new X509Certificate(certificate).fingerprint256) {
    return [ok(`The running gateway presents it at ${place}.`)];
  }
  const what = `At ${place} another certificate is presented: ${commonNameOf(served.certificate.subject)}, until ${served.certificate.validToDate.toISOString().slice(0, 10)}.`;
  return [failed(what, "Tell the gateway to read its files again (SIGHUP), or see which program listens there.")];
}

function commonNameOf(name: string): string {
  return /^CN=(.+)$/m.exec(name)?.[1] ?? name.replaceAll("\n", ", ");
}
