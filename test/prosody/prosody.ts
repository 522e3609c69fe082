import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { findFreePort } from "../fixtures/http-tools.ts";
import { pollUntil } from "../faults/poll-until.ts";
import { startServerProgram, type ServerProgram } from "../fixtures/server-program.ts";

const EXAMPLE = join(import.meta.dirname, "../../examples/prosody");
const START_TIMEOUT_MS = 15_000;

/** Password of all users. */
export const PASSWORD = "a password on loopback";

export interface ProsodyOptions {
  /** Address of the gateway, which replaces the example's. */
  readonly gateway: string;
  /** Further settings of the host. */
  readonly settings?: string;
  readonly users: readonly string[];
  readonly directory: string;
}

export interface Prosody extends ServerProgram {
  readonly port: number;
}

/** Starts Debian's Prosody for example.org with the example's module and host, on a free port. */
export async function startProsody(options: ProsodyOptions): Promise<Prosody> {
  const directory = join(options.directory, "prosody");
  const accounts = join(directory, "example%2eorg/accounts");
  await mkdir(accounts, { recursive: true });
  for (const user of options.users)
    await writeFile(join(accounts, `${user}.dat`), `return { ["password"] = "${PASSWORD}" };`);
  const port = await findFreePort();
  const config = join(directory, "prosody.cfg.lua");
  await writeFile(config, buildGlobals(port, directory) + (await readHost(options)));
  const program = await startServerProgram({
    name: "Prosody",
    command: "prosody",
    args: ["-F", "--config", config],
    awaitReady: () => pollUntil("Prosody to listen", START_TIMEOUT_MS, () => isListening(port)),
  });
  return { ...program, port };
}

/** The relevant settings of Debian's prosody.cfg.lua, and those that isolate it on this machine. */
function buildGlobals(port: number, directory: string): string {
  return `
plugin_paths = { "${EXAMPLE}" }
data_path = "${directory}"
pidfile = "${join(directory, "prosody.pid")}"
run_as_root = true
log = { debug = "*stdout" }
interfaces = { "127.0.0.1" }
c2s_ports = { ${port} }
modules_enabled = { "saslauth", "roster", "smacks" }
modules_disabled = { "s2s", "tls" }
authentication = "internal_plain"
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
`;
}

async function readHost({ gateway, settings = "" }: ProsodyOptions): Promise<string> {
  const example = await readFile(join(EXAMPLE, "sip-pushd.cfg.lua"), "utf8");
  const host = example.replace("http://127.0.0.1:8080", gateway);
  if (host === example) throw new Error("sip-pushd.cfg.lua has another address of the gateway than README.md says");
  return `${host}\n${settings}\n`;
}

function isListening(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  return once(socket, "connect")
    .then(() => true)
    .catch(() => false)
    .finally(() => socket.destroy());
}
