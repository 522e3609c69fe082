import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Simulator } from "./simulator.ts";

/** Paths of all files that a gateway's configuration names. */
export interface SimulatorFiles {
  readonly ca: string;
  readonly apnsCertificate: string;
  readonly apnsKey: string;
  readonly apnsTokenKey: string;
  readonly serviceAccount: string;
  /** For the gateway's own listener. */
  readonly serverCertificate: string;
  readonly serverKey: string;
}

const SECRET_MODE = 0o600;
const PUBLIC_MODE = 0o644;

/**
 * Writes the simulator's credentials in the form in which Apple and Google issue them. Replaces files of an earlier
 * simulator.
 */
export async function writeSimulatorFiles(simulator: Simulator, directory: string): Promise<SimulatorFiles> {
  const { apnsCertificate, apnsTokenKey, serviceAccount } = simulator.credentials;
  const server = simulator.pki.issueServerCertificate({ names: ["localhost", "127.0.0.1", "::1"] });
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const write = async (name: string, content: string, mode = PUBLIC_MODE): Promise<string> => {
    const path = join(directory, name);
    // `mode` applies only to new files. The permissions of an old file are narrowed before the secret is written.
    await chmod(path, mode).catch(ignoreMissing);
    await writeFile(path, content, { mode });
    return path;
  };
  return {
    ca: await write("ca.crt", simulator.ca),
    apnsCertificate: await write("apns-cert.pem", apnsCertificate.certificate),
    apnsKey: await write("apns-key.pem", apnsCertificate.key, SECRET_MODE),
    apnsTokenKey: await write(`AuthKey_${apnsTokenKey.keyId}.p8`, apnsTokenKey.key, SECRET_MODE),
    serviceAccount: await write(
      "service-account.json",
      `${JSON.stringify(serviceAccount, undefined, 2)}\n`,
      SECRET_MODE,
    ),
    serverCertificate: await write("server.crt", server.certificate),
    serverKey: await write("server.key", server.key, SECRET_MODE),
  };
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}
