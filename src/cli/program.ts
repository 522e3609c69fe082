import type { Command } from "commander";
import { buildCertCommand } from "./cert.ts";
import { buildCheckCommand } from "./check.ts";
import { buildConfigCommand } from "./config.ts";
import { buildDemoCommand } from "./demo.ts";
import { buildDevicesCommand } from "./devices.ts";
import { buildImportCommand } from "./import.ts";
import { buildLinkCommand } from "./link.ts";
import { createCommand, type CliIo } from "./output.ts";
import { buildPrefsCommand } from "./prefs.ts";
import { buildQueueCommand } from "./queue.ts";
import { buildSendCommand } from "./send.ts";
import { buildServeCommand } from "./serve.ts";
import { buildSimulateCommand } from "./simulate.ts";
import { buildStoreCommand } from "./store.ts";
import { buildTraceCommand } from "./trace.ts";
import { readVersion } from "./version.ts";
import { buildWorkerCommand } from "./worker.ts";

const HELP = `
New here? "sip-pushd demo" shows it at work, without any set-up.`;

export function buildProgram(io: CliIo): Command {
  return createCommand(io, "sip-pushd")
    .description("Mobile push gateway for SIP and XMPP platforms: wakes the phone through Apple or Google.")
    .version(readVersion())
    .addHelpText("after", HELP)
    .addCommand(buildServeCommand(io))
    .addCommand(buildConfigCommand(io))
    .addCommand(buildCheckCommand(io))
    .addCommand(buildSendCommand(io))
    .addCommand(buildTraceCommand(io))
    .addCommand(buildQueueCommand(io))
    .addCommand(buildDevicesCommand(io))
    .addCommand(buildPrefsCommand(io))
    .addCommand(buildImportCommand(io))
    .addCommand(buildStoreCommand(io))
    .addCommand(buildCertCommand(io))
    .addCommand(buildLinkCommand(io))
    .addCommand(buildSimulateCommand(io))
    .addCommand(buildDemoCommand(io))
    .addCommand(buildWorkerCommand(io), { hidden: true });
}
