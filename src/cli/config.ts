import type { Command } from "commander";
import { summarizeConfig } from "../app/summarize-config.ts";
import { tryLoadConfig } from "../config/load-config.ts";
import { configJsonSchema } from "../config/reference/json-schema.ts";

import { EXIT_CONFIG, loadOrExplain } from "./load-or-explain.ts";
import { createCommand, EXIT_CODES, runAction, writeJson, type CliIo } from "./output.ts";

export function buildConfigCommand(io: CliIo): Command {
  const check = createCommand(io, "check")
    .description("read a configuration as the gateway would, and say everything that is wrong with it")
    .argument("<file>", "the YAML file; certificates and keys that it names are read too")
    .option("--json", "print what is wrong as JSON")
    .addHelpText("after", `\n  sip-pushd config check config.yml\n\nExit codes: 0 usable, ${EXIT_CONFIG} not.`)
    .action((file: string, { json = false }: CheckOptions) =>
      runAction(io, async () => (json ? checkForScript(file, io) : checkConfig(file, io))),
    );
  const schema = createCommand(io, "schema")
    .description("print a JSON Schema of the file, for editors that complete and check YAML")
    .addHelpText("after", "\n  sip-pushd config schema > sip-pushd.schema.json")
    .action(() => writeJson(io, configJsonSchema()));
  return createCommand(io, "config")
    .description("check a configuration, or describe its form")
    .addCommand(check)
    .addCommand(schema);
}

interface CheckOptions {
  readonly json?: boolean;
}

function checkForScript(file: string, io: CliIo): number {
  const { loaded, problems } = tryLoadConfig({ file, env: io.env });
  writeJson(io, { usable: loaded !== undefined, problems });
  return loaded === undefined ? EXIT_CONFIG : EXIT_CODES.ok;
}

function checkConfig(file: string, io: CliIo): number {
  const loaded = loadOrExplain(file, io);
  if (loaded === undefined) return EXIT_CONFIG;
  io.stdout.write(`${file}: usable.\n`);
  for (const line of summarizeConfig(loaded.config)) io.stdout.write(`  ${line}\n`);
  return EXIT_CODES.ok;
}
