import type { Command } from "commander";
import { createCommand, type CliIo } from "./output.ts";

const HELP = `
New here? "sip-pushd demo" shows it at work, without any set-up.`;

type BuildCommand = (io: CliIo) => Command;

/** In the order of the help. A command is loaded only if it is asked for: the gateway must not load the others' libraries. */
const COMMANDS: Readonly<Record<string, () => Promise<BuildCommand>>> = {
  serve: async () => (await import("./serve.ts")).buildServeCommand,
  config: async () => (await import("./config.ts")).buildConfigCommand,
  check: async () => (await import("./check.ts")).buildCheckCommand,
  send: async () => (await import("./send.ts")).buildSendCommand,
  trace: async () => (await import("./trace.ts")).buildTraceCommand,
  queue: async () => (await import("./queue.ts")).buildQueueCommand,
  devices: async () => (await import("./devices.ts")).buildDevicesCommand,
  prefs: async () => (await import("./prefs.ts")).buildPrefsCommand,
  import: async () => (await import("./import.ts")).buildImportCommand,
  store: async () => (await import("./store.ts")).buildStoreCommand,
  cert: async () => (await import("./cert.ts")).buildCertCommand,
  link: async () => (await import("./link.ts")).buildLinkCommand,
  simulate: async () => (await import("./simulate.ts")).buildSimulateCommand,
  demo: async () => (await import("./demo.ts")).buildDemoCommand,
  bench: async () => (await import("./bench.ts")).buildBenchCommand,
  worker: async () => (await import("./worker.ts")).buildWorkerCommand,
};
const HIDDEN = "worker";

export const COMMAND_NAMES: readonly string[] = Object.keys(COMMANDS);

/** Builds the program with the named command alone, or with all of them if there is none of that name. */
export async function buildProgram(io: CliIo, name = ""): Promise<Command> {
  const program = createCommand(io, "sip-pushd")
    .description("Mobile push gateway for SIP and XMPP platforms: wakes the phone through Apple or Google.")
    .version(io.version)
    .addHelpText("after", HELP);
  const names = Object.hasOwn(COMMANDS, name) ? [name] : COMMAND_NAMES;
  for (const command of names) {
    const build = await COMMANDS[command]?.();
    if (build !== undefined) program.addCommand(build(io), { hidden: command === HIDDEN });
  }
  return program;
}
