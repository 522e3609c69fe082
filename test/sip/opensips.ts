import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { startServerProgram, type ServerProgram } from "../fixtures/server-program.ts";
import { awaitAnswer } from "./kamailio.ts";
import { findUdpPort } from "./sipp.ts";
import type { SipProxyOptions } from "./stage.ts";

const EXAMPLE = join(import.meta.dirname, "../../examples/opensips/opensips.cfg");
/** Debian has no OpenSIPS. `SIP_PUSHD_TEST_OPENSIPS` names the command of one that was unpacked elsewhere. */
const COMMANDS = [process.env["SIP_PUSHD_TEST_OPENSIPS"], "/usr/sbin/opensips", "/usr/local/sbin/opensips"];
const EXAMPLE_MODULES = "/usr/lib/x86_64-linux-gnu/opensips/modules/";

/** Returns the command, or undefined if this machine has no OpenSIPS. */
export function findOpensips(): string | undefined {
  return COMMANDS.find((path) => path !== undefined && existsSync(path));
}

/** Finds the modules that belong to a command: in their usual place, or below the folder that the command was unpacked to. */
function findModules(command: string): string {
  const root = dirname(dirname(dirname(command)));
  const places = [EXAMPLE_MODULES, join(root, EXAMPLE_MODULES), "/usr/local/lib64/opensips/modules/"];
  return places.find((path) => existsSync(path)) ?? EXAMPLE_MODULES;
}

/** Starts OpenSIPS with the example's configuration, on a free port. Only addresses and the time to wait are replaced. */
export async function startOpensips(
  command: string,
  { gateway, parkMs, directory }: SipProxyOptions,
): Promise<ServerProgram & { readonly port: number }> {
  const port = await findUdpPort();
  const example = await readFile(EXAMPLE, "utf8");
  const config = example
    .replace("udp:127.0.0.1:5060", `udp:127.0.0.1:${port}`)
    .replaceAll("127.0.0.1:45059", gateway)
    .replace(EXAMPLE_MODULES, findModules(command))
    .replaceAll(/(\$T_fr_timeout|\$T_fr_inv_timeout) = 25;/g, `$1 = ${parkMs / 1000};`)
    .replace('"PHONE_CAME", 25', `"PHONE_CAME", ${parkMs / 1000}`);
  const file = join(directory, "opensips.cfg");
  await writeFile(file, config);
  const program = await startServerProgram({
    name: "OpenSIPS",
    command,
    args: ["-F", "-f", file, "-m", "64", "-M", "8", "-w", directory],
    awaitReady: () => awaitAnswer(port),
  });
  return { ...program, port };
}
