import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Simulator } from "../simulator/simulator.ts";
import { writeSimulatorFiles } from "../simulator/simulator-files.ts";

export interface GatewayPorts {
  /** HTTPS port; 0 for any. */
  readonly tls: number;
  /** Port for plain HTTP on loopback; 0 for any. */
  readonly plain: number;
}

/**
 * Writes certificates, keys and a `config.yml` that points a gateway at the simulator. Returns the configuration's
 * path.
 */
export async function writeSimulatedSetup(
  simulator: Simulator,
  directory: string,
  ports: GatewayPorts,
): Promise<string> {
  await writeSimulatorFiles(simulator, directory);
  const file = join(directory, "config.yml");
  await writeFile(file, buildConfig(simulator, ports));
  return file;
}

function buildConfig(simulator: Simulator, { tls, plain }: GatewayPorts): string {
  return `# A gateway that takes the simulator on this machine for Apple and Google.
port: ${tls}
ssl: yes
sslcertfile: server.crt
sslcertkeyfile: server.key
listen:
  - { host: 127.0.0.1, port: ${plain} }      # plain HTTP on loopback, as the NGCP proxy wants it
store: { path: sip-pushd.db }
${buildAppsConfig(simulator)}checklist:                 # what "sip-pushd check" looks at
  ca_file: ca.crt          # the simulator's own authority issued server.crt
  ntp_servers: []          # the simulator uses this machine's clock, too
`;
}

/** Returns the providers' sections for the files that the simulator writes. */
export function buildAppsConfig({ apns, fcm }: Simulator): string {
  return `apns:
  certificate: apns-cert.pem
  key: apns-key.pem
  endpoint: ${apns.production}
  sandbox_endpoint: ${apns.sandbox}
  ca_file: ca.crt
fcm:
  service_account: service-account.json
  endpoint: ${fcm.origin}
  token_endpoint: ${fcm.tokenEndpoint}
  ca_file: ca.crt
`;
}
