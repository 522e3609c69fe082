import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { once } from "node:events";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { startServerProgram, type ServerProgram } from "../fixtures/server-program.ts";
import { findUdpPort } from "./sipp.ts";

const EXAMPLE = join(import.meta.dirname, "../../examples/asterisk");
const RELAY = join(EXAMPLE, "relay-registrations.mjs");
const run = promisify(execFile);

export interface InstalledAsterisk {
  readonly command: string;
  readonly modules: string;
  /** Where its documentation lies, without which it does not start. */
  readonly data: string;
}

/** Debian 12 has no Asterisk. `SIP_PUSHD_TEST_ASTERISK` names the command of one that was unpacked elsewhere, `…_ROOT` where its files are. */
const COMMANDS = [process.env["SIP_PUSHD_TEST_ASTERISK"], "/usr/sbin/asterisk", "/usr/local/sbin/asterisk"];
const ROOT = process.env["SIP_PUSHD_TEST_ASTERISK_ROOT"] ?? "";
const MODULES = ["/usr/lib/x86_64-linux-gnu/asterisk/modules", "/usr/lib/asterisk/modules"];
const DATA = ["/usr/share/asterisk", "/var/lib/asterisk"];

/** Returns undefined if this machine has no Asterisk. */
export function findAsterisk(): InstalledAsterisk | undefined {
  const command = COMMANDS.find((path) => path !== undefined && existsSync(path));
  const modules = MODULES.map((path) => ROOT + path).find((path) => existsSync(path));
  const data = DATA.map((path) => ROOT + path).find((path) => existsSync(join(path, "documentation")));
  if (command === undefined || modules === undefined || data === undefined) return undefined;
  return { command, modules, data };
}

const START_TIMEOUT_MS = 30_000;

export interface AsteriskOptions {
  readonly installed: InstalledAsterisk;
  /** The gateway's plain address, as the dialplan and the relay are to use it. */
  readonly gateway: string;
  readonly waitSeconds: number;
  readonly directory: string;
}

export interface Asterisk extends AsyncDisposable {
  readonly port: number;
  readonly log: () => string;
}

/** An Asterisk with the example's dialplan and manager account, and the example's relay beside it. */
export async function startAsterisk(options: AsteriskOptions): Promise<Asterisk> {
  await using opened = new AsyncDisposableStack();
  const { installed, gateway, directory: parent } = options;
  const directory = join(parent, "asterisk");
  await mkdir(directory);
  const [port, managerPort] = [await findUdpPort(), await findTcpPort()];
  await writeConfiguration(directory, { ...options, port, managerPort });
  const config = join(directory, "asterisk.conf");
  const ask = (command: string) => run(installed.command, ["-C", config, "-rx", command]);
  const asterisk = opened.use(
    await startServerProgram({
      name: "Asterisk",
      command: installed.command,
      args: ["-f", "-C", config],
      awaitReady: () => retry(() => ask("core waitfullybooted")),
    }),
  );
  const relay = opened.use(await startRelay(managerPort, gateway, () => retry(() => awaitLogin(ask))));
  const started = opened.move();
  return {
    port,
    log: () => asterisk.log() + relay.log(),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

function startRelay(port: number, gateway: string, awaitReady: () => Promise<unknown>): Promise<ServerProgram> {
  const settings = {
    AMI_PORT: String(port),
    AMI_SECRET: "change this",
    PUSH_DOMAIN: "example.org",
    PUSH_GATEWAY: gateway,
  };
  const env = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  return startServerProgram({ name: "the relay", command: "env", args: [...env, process.execPath, RELAY], awaitReady });
}

async function awaitLogin(ask: (command: string) => Promise<{ stdout: string }>): Promise<void> {
  const { stdout } = await ask("manager show connected");
  if (!stdout.includes("sip-pushd")) throw new Error("the relay has not logged in");
}

async function retry(attempt: () => Promise<unknown>): Promise<void> {
  const until = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    try {
      await attempt();
      return;
    } catch (error) {
      if (Date.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

interface Ports {
  readonly port: number;
  readonly managerPort: number;
}

async function writeConfiguration(directory: string, options: AsteriskOptions & Ports): Promise<void> {
  const { gateway, waitSeconds, managerPort } = options;
  const dialplan = (await readFile(join(EXAMPLE, "extensions.conf"), "utf8"))
    .replace(/^PUSH_GATEWAY=.*$/m, `PUSH_GATEWAY=${gateway}`)
    .replace(/^PUSH_WAIT=.*$/m, `PUSH_WAIT=${waitSeconds}`);
  const manager = (await readFile(join(EXAMPLE, "manager.conf"), "utf8")).replace("5038", String(managerPort));
  const files = {
    "asterisk.conf": buildDirectories(directory, options.installed),
    "modules.conf": `[modules]\nautoload=no\n${LOADED.map((name) => `load=${name}.so\n`).join("")}`,
    "logger.conf": "[logfiles]\nconsole => warning,error,verbose\n",
    "pjsip.conf": buildPjsip(options.port),
    "extensions.conf": dialplan,
    "manager.conf": manager,
    "rtp.conf": "[general]\nrtpstart=20000\nrtpend=20999\n",
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
}

function buildDirectories(directory: string, { modules, data }: InstalledAsterisk): string {
  const own = [
    "astetcdir",
    "astvarlibdir",
    "astdbdir",
    "astkeydir",
    "astagidir",
    "astspooldir",
    "astrundir",
    "astlogdir",
  ];
  const all = own.map((name) => `${name} => ${directory}\n`).join("");
  return `[directories]\n${all}astmoddir => ${modules}\nastdatadir => ${data}\n[options]\nverbose = 3\n`;
}

/** Anybody may call; the phones of two AORs register without a password. */
function buildPjsip(port: number): string {
  const phone = (name: string) => `
[${name}]
type = endpoint
context = phones
aors = ${name}
disallow = all
allow = ulaw
[${name}]
type = aor
max_contacts = 5
remove_existing = no
`;
  return `
[global]
type = global
endpoint_identifier_order = username,anonymous
send_contact_status_on_update_registration = yes
[udp]
type = transport
protocol = udp
bind = 127.0.0.1:${port}
[anonymous]
type = endpoint
context = phones
disallow = all
allow = ulaw
${phone("alice")}${phone("bob")}`;
}

/** The modules that the dialplan, SIP and the manager need. */
const LOADED = [
  ..."res_timing_timerfd res_sorcery_config res_sorcery_memory res_sorcery_astdb res_pjproject res_http_websocket".split(
    " ",
  ),
  ..."res_pjsip res_pjsip_session res_pjsip_caller_id res_pjsip_sdp_rtp res_pjsip_nat res_pjsip_rfc3326".split(" "),
  ..."res_pjsip_endpoint_identifier_anonymous res_pjsip_endpoint_identifier_user res_pjsip_registrar".split(" "),
  ..."res_pjsip_pubsub res_pjsip_header_funcs res_pjsip_authenticator_digest res_rtp_asterisk chan_pjsip bridge_simple codec_ulaw".split(
    " ",
  ),
  ..."res_curl func_curl func_json func_uri func_channel func_callerid func_logic func_strings func_cut func_global".split(
    " ",
  ),
  ..."func_pjsip_aor func_pjsip_contact func_pjsip_endpoint app_dial app_exec app_stack pbx_config".split(" "),
];

async function findTcpPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
