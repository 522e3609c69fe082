import { writeFile } from "node:fs/promises";
import type { Command } from "commander";
import {
  CREDENTIAL_FIELDS,
  readCredentials,
  writeCredentials,
  type LaunchCredentials,
} from "../launcher/launch-credentials.ts";
import type { LauncherAppConfig } from "../config/launcher-config.ts";
import { tryLoadConfig } from "../config/load-config.ts";
import { STANDARD_LAUNCH_APP } from "../config/standard-launch-app.ts";
import { findApp } from "../launcher/launch-app.ts";
import { makeLink, readLink } from "../launcher/make-link.ts";
import { buildQrPng, buildQrText } from "../launcher/qr-code.ts";
import { EXIT_CONFIG } from "./load-or-explain.ts";
import { CliError, createCommand, EXIT_CODES, runAction, writeJson, writeLine, type CliIo } from "./output.ts";
import { compact } from "../push/compact.ts";

interface LinkOptions {
  readonly config?: string;
  readonly json?: boolean;
}

interface EncodeOptions extends LinkOptions {
  readonly url?: string;
  readonly qr?: boolean;
  readonly png?: string;
}

const CONFIG_OPTION = [
  "--config <file>",
  "the gateway's configuration: the app's key, scheme and address are read from there",
] as const;

const ENCODE_HELP = `
The credentials come from standard input, in one line, or from questions at a terminal:
  username=testuser&server=example.org&password=secret

Printed are the link as Base64, the same escaped for a URL, the address for the app, and, where --url or the
configuration's launcher.url tells it, the address of the launch handler to send to the user.

Examples:
  sip-pushd link encode --config config.yml --qr
  sip-pushd link encode --url https://push.example.org/p --png link.png < credentials`;

export function buildLinkCommand(io: CliIo): Command {
  const encode = createCommand(io, "encode")
    .description("make a link that logs a subscriber in")
    .option(...CONFIG_OPTION)
    .option("--url <url>", "address of the launch handler, e.g. https://push.example.org/p")
    .option("--qr", "draw the link as a QR code, too")
    .option("--png <file>", "write the QR code to a file")
    .option("--json", "print JSON")
    .addHelpText("after", ENCODE_HELP)
    .action((options: EncodeOptions) => runAction(io, () => encodeCredentials(options, io)));
  const decode = createCommand(io, "decode")
    .description("say what a link holds, its password included")
    .option(...CONFIG_OPTION)
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      "\nThe link comes from standard input, or from a question: the Base64, or an address that it stands in.",
    )
    .action((options: LinkOptions) => runAction(io, () => decodeAnyLink(options, io)));
  return createCommand(io, "link")
    .summary("make and read links that log a subscriber in")
    .description("Makes and reads the zero-config launcher's links. They hold a password: whoever has one logs in.")
    .addCommand(encode)
    .addCommand(decode);
}

async function encodeCredentials(options: EncodeOptions, io: CliIo): Promise<number> {
  const apps = listLinkApps(options.config, io);
  const credentials = await readInput(io);
  const app = findApp(apps, credentials.server) ?? STANDARD_LAUNCH_APP;
  const handler = options.url === undefined ? app.url : readUrl(options.url);
  const { link, escaped, appUrl, url } = makeLink(credentials, app, handler);
  if (options.json) writeJson(io, compact({ link, escaped, app_url: appUrl, url }));
  else for (const line of [link, escaped, appUrl, ...(url === undefined ? [] : [url])]) writeLine(io, line);
  if (options.qr) for (const line of buildQrText(url ?? appUrl)) writeLine(io, line);
  if (options.png !== undefined) await writePng(options.png, buildQrPng(url ?? appUrl));
  return EXIT_CODES.ok;
}

async function readInput(io: CliIo): Promise<LaunchCredentials> {
  if (io.input.isTty) {
    const username = await io.input.ask("User name: ");
    const server = await io.input.ask("Server (SIP domain): ");
    return { username, server, password: await io.input.ask("Password: ", { secret: true }) };
  }
  const credentials = readCredentials((await io.input.read()).replace(/\r?\n$/, ""));
  if (credentials !== undefined) return credentials;
  throw new CliError("bad_credentials", "Standard input holds no credentials that could stand in a link.", {
    mend: `Write one line: ${writeCredentials({ username: "…", server: "…", password: "…" })}. No value may be empty or hold &.`,
  });
}

function readUrl(text: string): string {
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol) && url.search === "" && url.hash === "") return url.href;
  throw new CliError("bad_url", `--url is not the address of a launch handler: ${text}`, {
    mend: "Write it like https://push.example.org/p.",
  });
}

/** The image contains a password, so only its owner may read the file. */
async function writePng(file: string, png: Buffer): Promise<void> {
  await writeFile(file, png, { mode: 0o600 }).catch((error: Error) => {
    throw new CliError("unwritable_file", `The QR code cannot be written: ${error.message}`, { cause: error });
  });
}

async function decodeAnyLink(options: LinkOptions, io: CliIo): Promise<number> {
  const apps = listLinkApps(options.config, io);
  const text = io.input.isTty ? await io.input.ask("Link: ", { secret: true }) : await io.input.read();
  const credentials = readLink(text, apps);
  if (options.json) writeJson(io, Object.fromEntries(CREDENTIAL_FIELDS.map((field) => [field, credentials[field]])));
  else writeLine(io, writeCredentials(credentials));
  return EXIT_CODES.ok;
}

/** Returns the apps for links: those of a configuration, or the handbook's own. */
function listLinkApps(file: string | undefined, io: CliIo): readonly LauncherAppConfig[] {
  if (file === undefined) {
    io.stderr.write(
      "sip-pushd: Without --config the handbook's standard key is used: everybody can read such a link.\n",
    );
    return [STANDARD_LAUNCH_APP];
  }
  const config = tryLoadConfig({ file, env: io.env }).loaded?.config;
  if (config === undefined) {
    throw new CliError("bad_config", `${file} cannot be used.`, {
      mend: `See what is wrong with it: sip-pushd config check ${file} (exit code ${EXIT_CONFIG}).`,
    });
  }
  if (config.launcher !== undefined) return config.launcher.apps;
  throw new CliError("no_launcher", `${file} has no launcher: section, or switches it off.`, {
    mend: "Write launcher: with the key that the app was built with; docs/reference/configuration.md lists its settings.",
  });
}
