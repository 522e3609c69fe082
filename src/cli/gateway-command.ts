import { Option, type Argument, type Command } from "commander";
import { DEFAULT_URL, type GatewayOptions } from "../client/find-gateway.ts";
import { openGatewayClient, type GatewayClient } from "../client/gateway-client.ts";
import { createCommand, EXIT_CODES, runAction, writeJson, writeLine, type CliIo } from "./output.ts";

interface CommonOptions extends GatewayOptions {
  readonly json?: boolean;
}

/** The end of a command that asks a gateway. */
export interface Answer {
  /** Printed for --json. */
  readonly json: unknown;
  /** Called without --json. */
  readonly lines: () => readonly string[];
  /** 0 if missing. */
  readonly exitCode?: number;
}

export interface Asking<Options> {
  readonly options: Options & CommonOptions;
  readonly io: CliIo;
  /** Finds the gateway. Rejects with an OperatorError if its address, key or certificate cannot be used. */
  readonly open: () => Promise<GatewayClient>;
}

export interface GatewayCommand<Given extends readonly unknown[], Options> {
  readonly name: string;
  readonly summary?: string;
  readonly description: string;
  readonly arguments: readonly Argument[];
  readonly options?: readonly Option[];
  /** Text of --json. */
  readonly json?: string;
  /** Printed below the options. */
  readonly help?: string;
  readonly run: (asking: Asking<Options>, ...given: Given) => Promise<Answer>;
}

const GATEWAY_OPTIONS = [
  ["--url <url>", `the gateway's address (or SIP_PUSHD_URL; ${DEFAULT_URL} by default)`],
  ["--ca <file>", "certificate to trust, PEM: the gateway's own or its authority's (or SIP_PUSHD_CA)"],
  ["--key-file <file>", "file that holds an API key (or SIP_PUSHD_CLIENT_KEY, the key itself)"],
  ["--config <file>", "the gateway's configuration: address, certificate and key are read from there"],
] as const;

export const JSON_OBJECT = "print one JSON object for programs";

/** Builds a command that asks a gateway. It has options for the gateway's address, key and certificate, and --json. */
export function gatewayCommand<Given extends readonly unknown[], Options>(
  io: CliIo,
  { name, summary, description, help = "", json = "print JSON", run, ...parts }: GatewayCommand<Given, Options>,
): Command {
  const command = createCommand(io, name).description(description).addHelpText("after", help);
  if (summary !== undefined) command.summary(summary);
  for (const argument of parts.arguments) command.addArgument(argument);
  for (const option of parts.options ?? []) command.addOption(option);
  command.option("--json", json);
  for (const [flags, text] of GATEWAY_OPTIONS) {
    command.addOption(new Option(flags, text).helpGroup("Where the gateway is:"));
  }
  return command.action((...all: unknown[]) =>
    runAction(io, async () => {
      const given = all.slice(0, parts.arguments.length) as unknown as Given;
      const options = command.opts<Options & CommonOptions>();
      const open = () => openGatewayClient(options, io.env);
      const { json: body, lines, exitCode = EXIT_CODES.ok } = await run({ options, io, open }, ...given);
      if (options.json === true) writeJson(io, body);
      else for (const line of lines()) writeLine(io, line);
      return exitCode;
    }),
  );
}
