import { createSimulatorPki } from "../../simulator/certificates.ts";
import { createProviderTokenKey } from "../../simulator/credentials.ts";
import { EXIT_CODES, writeLine, type CliIo } from "../output.ts";
import { writeNewFiles } from "./write-files.ts";

export interface DevOptions {
  readonly out: string;
  readonly bundleId: string;
  readonly force?: boolean;
}

const OWN_NAMES = ["localhost", "127.0.0.1", "::1"];
const KEY_ID = "DEVKEY0001";

/**
 * Writes certificates of an authority whose key is discarded at once, so that nobody can issue further ones that are
 * trusted.
 */
export async function writeDevelopmentFiles(names: readonly string[], options: DevOptions, io: CliIo): Promise<number> {
  const { out, bundleId, force = false } = options;
  const pki = createSimulatorPki();
  const server = pki.issueServerCertificate({ names: [...new Set([...names, ...OWN_NAMES])] });
  const apns = pki.issueApnsCertificate({ bundleId, teamId: "DEVTEAM001" });
  const tokenKey = createProviderTokenKey({ keyId: KEY_ID, teamId: "DEVTEAM001" });
  const files = [
    { name: "ca.crt", content: pki.ca, secret: false, what: "the authority: clients have to trust it" },
    {
      name: "server.crt",
      content: server.certificate,
      secret: false,
      what: "for the gateway's listener (sslcertfile)",
    },
    { name: "server.key", content: server.key, secret: true, what: "its private key (sslcertkeyfile)" },
    { name: "apns-cert.pem", content: apns.certificate, secret: false, what: `like Apple's, for ${bundleId}` },
    { name: "apns-key.pem", content: apns.key, secret: true, what: "its private key" },
    { name: `AuthKey_${KEY_ID}.p8`, content: tokenKey.key, secret: true, what: "like an APNs signing key" },
  ];
  const paths = await writeNewFiles(out, files, { force });
  for (const [index, { what }] of files.entries()) writeLine(io, `${paths[index]}: ${what}`);
  writeLine(io);
  writeLine(
    io,
    "Apple's are worth nothing there: they serve to try a configuration. 'sip-pushd simulate' makes its own.",
  );
  return EXIT_CODES.ok;
}
