import { InvalidArgumentError, type Command } from "commander";
import { describeCredentials, readCertificateFacts } from "../certificates/certificate-facts.ts";
import { readCredentialFiles } from "../certificates/credential-file.ts";
import { findPair, writePair } from "../certificates/import-certificate.ts";
import { requestCertificate } from "../certificates/request-certificate.ts";
import { writeNewFiles } from "../certificates/write-files.ts";
import { createDevelopmentFiles } from "../simulator/development-files.ts";
import { createCommand, EXIT_CODES, runAction, writeJson, writeLine, type CliIo } from "./output.ts";
import { chooseNewPassphrase, createPassphrases } from "./passphrases.ts";
import { formatCredential, formatPair, formatRequest } from "./print-credentials.ts";

interface NewFilesOptions {
  readonly out: string;
  readonly force?: boolean;
}

interface KeyOptions extends NewFilesOptions {
  readonly name: string;
  readonly encrypt?: boolean;
  readonly newPassphraseFile?: string;
}

interface InspectOptions {
  readonly passphraseFile?: string;
  readonly json?: boolean;
}

interface ImportOptions extends KeyOptions, InspectOptions {}

interface CsrOptions extends KeyOptions {
  readonly email: string;
  readonly commonName: string;
  readonly country?: string;
}

interface DevOptions extends NewFilesOptions {
  readonly bundleId: string;
}

const IMPORT_HELP = `
The files may be of any form and in any order: Apple's aps.cer, a Push.p12 exported from Keychain Access (old ones too), PEM.
Passphrases are asked for, or come from standard input or a file.

Examples:
  sip-pushd cert import aps.cer Push.p12
  sip-pushd cert import Push.p12 --encrypt --out /etc/sip-pushd
  sip-pushd cert import voip.cer Voip.p12 --name PushCallkit`;

export function buildCertCommand(io: CliIo): Command {
  return createCommand(io, "cert")
    .summary("turn Apple's files into PEM, look into them, request a certificate")
    .description("Works with certificates and keys: Apple's, and those for development.")
    .addCommand(buildImportCommand(io))
    .addCommand(buildInspectCommand(io))
    .addCommand(buildCsrCommand(io))
    .addCommand(buildDevCommand(io));
}

function buildImportCommand(io: CliIo): Command {
  return createCommand(io, "import")
    .description("write PushChatCert.pem and PushChatKey.pem from what Apple and Keychain Access give")
    .argument("<files...>", "certificate and private key")
    .option("--out <folder>", "where to", ".")
    .option("--name <name>", "how the names of the files begin", "PushChat")
    .option("--encrypt", "encrypt the private key with a new passphrase, which is asked for")
    .option("--new-passphrase-file <file>", "the same, with the passphrase in this file")
    .option("--passphrase-file <file>", "file that holds the passphrase of the given files")
    .option("--force", "write over files that are there")
    .option("--json", "print JSON")
    .addHelpText("after", IMPORT_HELP)
    .action((files: string[], options: ImportOptions) => runAction(io, () => importCertificate(files, options, io)));
}

function buildInspectCommand(io: CliIo): Command {
  return createCommand(io, "inspect")
    .description("say what certificates and keys are, for which apps, and until when")
    .argument("<files...>", "PEM, DER (.cer), PKCS#12 (.p12) or .p8")
    .option("--passphrase-file <file>", "file that holds the passphrase")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      "\n  sip-pushd cert inspect PushChatCert.pem PushChatKey.pem      (also: whether they belong together)",
    )
    .action((files: string[], options: InspectOptions) => runAction(io, () => inspect(files, options, io)));
}

function buildCsrCommand(io: CliIo): Command {
  return createCommand(io, "csr")
    .description("make the signing request that Apple wants, without a Mac")
    .requiredOption("--email <address>", "of the developer account", readEmail)
    .option("--common-name <name>", "a name for the key", "sip-pushd")
    .option("--country <code>", "two letters, e.g. AT", readCountry)
    .option("--out <folder>", "where to", ".")
    .option("--name <name>", "how the names of the files begin", "PushChat")
    .option("--encrypt", "encrypt the private key with a new passphrase, which is asked for")
    .option("--new-passphrase-file <file>", "the same, with the passphrase in this file")
    .option("--force", "write over files that are there")
    .addHelpText("after", "\n  sip-pushd cert csr --email dev@example.org")
    .action((options: CsrOptions) => runAction(io, () => request(options, io)));
}

function buildDevCommand(io: CliIo): Command {
  return createCommand(io, "dev")
    .description("make an authority and certificates for development")
    .argument("[names...]", "host names for the gateway's own certificate, besides localhost")
    .option("--out <folder>", "where to", "certs")
    .option("--bundle-id <id>", "the app that the certificate like Apple's is for", "org.example.phone")
    .option("--force", "write over files that are there")
    .addHelpText("after", "\n  sip-pushd cert dev push.example.test")
    .action((names: string[], options: DevOptions) => runAction(io, () => writeDevelopment(names, options, io)));
}

/** ASCII, because the field is an IA5String. */
function readEmail(text: string): string {
  if (/^[!-~]+@[!-~]+$/.test(text)) return text;
  throw new InvalidArgumentError("Write it like dev@example.org.");
}

function readCountry(text: string): string {
  if (/^[A-Za-z]{2}$/.test(text)) return text.toUpperCase();
  throw new InvalidArgumentError("Write two letters, e.g. AT.");
}

async function importCertificate(files: readonly string[], options: ImportOptions, io: CliIo): Promise<number> {
  const { out: folder, name, force = false } = options;
  const pair = findPair(await readCredentialFiles(files, createPassphrases(options.passphraseFile, io)));
  const passphrase = await choosePassphrase(options, io);
  const written = await writePair(pair, { folder, name, passphrase, force, sources: files });
  const encrypted = passphrase !== undefined;
  if (options.json) {
    const { certificateFile, keyFile } = written;
    const facts = readCertificateFacts(pair.certificate, Date.now());
    writeJson(io, { certificate_file: certificateFile, key_file: keyFile, encrypted, ...facts });
  } else for (const line of formatPair(pair.certificate, written, encrypted)) writeLine(io, line);
  return EXIT_CODES.ok;
}

async function inspect(files: readonly string[], { passphraseFile, json }: InspectOptions, io: CliIo): Promise<number> {
  const found = await readCredentialFiles(files, createPassphrases(passphraseFile, io));
  const facts = describeCredentials(found, Date.now());
  if (json) writeJson(io, facts);
  else for (const line of facts.flatMap(formatCredential)) writeLine(io, line);
  return EXIT_CODES.ok;
}

async function request(options: CsrOptions, io: CliIo): Promise<number> {
  const { out: folder, name, force = false } = options;
  const passphrase = await choosePassphrase(options, io);
  const files = await requestCertificate(options, { folder, name, passphrase, force });
  const place = [...(folder === "." ? [] : [`--out ${folder}`]), ...(name === "PushChat" ? [] : [`--name ${name}`])];
  for (const line of formatRequest(files, place)) writeLine(io, line);
  return EXIT_CODES.ok;
}

async function choosePassphrase({ encrypt, newPassphraseFile }: KeyOptions, io: CliIo): Promise<string | undefined> {
  return encrypt || newPassphraseFile !== undefined ? chooseNewPassphrase(newPassphraseFile, io) : undefined;
}

async function writeDevelopment(names: readonly string[], options: DevOptions, io: CliIo): Promise<number> {
  const { out, bundleId, force = false } = options;
  const files = createDevelopmentFiles(names, bundleId);
  const paths = await writeNewFiles(out, files, { force });
  for (const [index, { what }] of files.entries()) writeLine(io, `${paths[index]}: ${what}`);
  writeLine(io);
  writeLine(
    io,
    "Apple's are worth nothing there: they serve to try a configuration. 'sip-pushd simulate' makes its own.",
  );
  return EXIT_CODES.ok;
}
