import { EXIT_CODES, formatTable, writeJson, writeLine, type CliIo } from "../output.ts";
import { readCredentialFile, type CredentialFile } from "./credential-file.ts";
import { readCertificateFacts, readKeyFacts, type CertificateFacts, type KeyFacts } from "./describe.ts";
import { createPassphrases } from "./passphrases.ts";

export interface InspectOptions {
  readonly passphraseFile?: string;
  readonly json?: boolean;
}

type Finding = { readonly file: string } & (CertificateFacts | KeyFacts);

export async function inspectFiles(files: readonly string[], options: InspectOptions, io: CliIo): Promise<number> {
  const ask = createPassphrases(options.passphraseFile, io);
  const found: CredentialFile[] = [];
  for (const file of files) found.push(await readCredentialFile(file, ask));
  const findings = describeFiles(found);
  if (options.json) {
    writeJson(io, findings);
    return EXIT_CODES.ok;
  }
  for (const finding of findings) {
    writeLine(io, `${finding.file}: ${finding.kind === "certificate" ? "certificate" : "private key"}`);
    for (const row of formatTable(rowsOf(finding))) writeLine(io, `  ${row}`);
    writeLine(io);
  }
  return EXIT_CODES.ok;
}

function describeFiles(found: readonly CredentialFile[]): Finding[] {
  const all = found.flatMap(({ certificates }) => certificates);
  const now = Date.now();
  return found.flatMap(({ file, certificates, keys, encrypted }) => [
    ...certificates.map((certificate) => ({ file, ...readCertificateFacts(certificate, now) })),
    ...keys.map((key) => ({ file, ...readKeyFacts(key, encrypted, all) })),
  ]);
}

function rowsOf(finding: Finding): string[][] {
  return finding.kind === "certificate" ? certificateRows(finding) : keyRows(finding);
}

function certificateRows(facts: CertificateFacts): string[][] {
  const list = (name: string, values: readonly string[]) => (values.length === 0 ? [] : [[name, values.join(", ")]]);
  return [
    ["subject", facts.subject],
    ["issuer", facts.issuer],
    ...list("host names", facts.names),
    ...list("topics", facts.topics),
    ...list("environments", facts.environments),
    ["valid", `${facts.valid_from.slice(0, 10)} to ${facts.valid_to.slice(0, 10)} (${describeRest(facts)})`],
    ["key", facts.key],
    ["SHA-256", facts.sha256],
    ["SHA-1", facts.sha1],
  ];
}

function describeRest({ days_left }: CertificateFacts): string {
  return days_left < 0 ? "expired" : `${days_left} days left`;
}

function keyRows({ key, encrypted, public_sha256, has_certificate }: KeyFacts): string[][] {
  return [
    ["key", `${key}, ${encrypted ? "encrypted" : "not encrypted"}`],
    ["public half", `SHA-256 ${public_sha256}`],
    ...(has_certificate === undefined
      ? []
      : [["certificate", has_certificate ? "belongs to it" : "belongs to another key"]]),
  ];
}
