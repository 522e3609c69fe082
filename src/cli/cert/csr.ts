import { generateKeyPair } from "node:crypto";
import { promisify } from "node:util";
import { EXIT_CODES, writeLine, type CliIo } from "../output.ts";
import { buildRequest } from "../../certificates/certificate-request.ts";
import { exportKey } from "./export-key.ts";
import { chooseNewPassphrase } from "./passphrases.ts";
import { writeNewFiles } from "./write-files.ts";

export interface CsrOptions {
  readonly email: string;
  readonly commonName: string;
  readonly country?: string;
  readonly out: string;
  readonly name: string;
  readonly encrypt?: boolean;
  readonly newPassphraseFile?: string;
  readonly force?: boolean;
}

/** Apple's requirement: https://developer.apple.com/help/account/certificates/create-a-certificate-signing-request */
const KEY_BITS = 2048;

export async function requestCertificate(options: CsrOptions, io: CliIo): Promise<number> {
  const { out, name, newPassphraseFile, encrypt = false, force = false } = options;
  const passphrase =
    encrypt || newPassphraseFile !== undefined ? await chooseNewPassphrase(newPassphraseFile, io) : undefined;
  const { privateKey } = await promisify(generateKeyPair)("rsa", { modulusLength: KEY_BITS });
  const [requestFile = "", keyFile = ""] = await writeNewFiles(
    out,
    [
      { name: `${name}.certSigningRequest`, content: buildRequest(privateKey, options), secret: false },
      { name: `${name}Key.pem`, content: exportKey(privateKey, passphrase), secret: true },
    ],
    { force },
  );
  for (const line of explain(requestFile, keyFile, options)) writeLine(io, line);
  return EXIT_CODES.ok;
}

function explain(requestFile: string, keyFile: string, { out, name }: CsrOptions): string[] {
  const place = [...(out === "." ? [] : [`--out ${out}`]), ...(name === "PushChat" ? [] : [`--name ${name}`])];
  return [
    `${requestFile}: the request, for Apple`,
    `${keyFile}: the private key, which stays here; without it the certificate is worth nothing`,
    "",
    "1. https://developer.apple.com/account → Certificates, Identifiers & Profiles → Certificates → +",
    "   Apple Push Notification service SSL (Sandbox & Production), or VoIP Services Certificate",
    `2. Choose the app, upload ${requestFile}, download aps.cer`,
    `3. ${["sip-pushd cert import aps.cer", keyFile, ...place].join(" ")}`,
  ];
}
