import { generateKeyPair } from "node:crypto";
import { promisify } from "node:util";
import { buildRequest, type RequestSubject } from "./certificate-request.ts";
import { exportKey } from "./pem.ts";
import { writeNewFiles } from "./write-files.ts";

export interface RequestTarget {
  readonly folder: string;
  /** First part of the names of the files. */
  readonly name: string;
  /** Encrypts the key. */
  readonly passphrase: string | undefined;
  /** Overwrites other files. */
  readonly force: boolean;
}

export interface RequestFiles {
  readonly requestFile: string;
  readonly keyFile: string;
}

/** Apple's requirement: https://developer.apple.com/help/account/certificates/create-a-certificate-signing-request */
const KEY_BITS = 2048;

/** Writes a new private key and the signing request for it. Throws an `OperatorError` if it cannot. */
export async function requestCertificate(subject: RequestSubject, target: RequestTarget): Promise<RequestFiles> {
  const { folder, name, passphrase, force } = target;
  const { privateKey } = await promisify(generateKeyPair)("rsa", { modulusLength: KEY_BITS });
  const [requestFile = "", keyFile = ""] = await writeNewFiles(
    folder,
    [
      { name: `${name}.certSigningRequest`, content: buildRequest(privateKey, subject), secret: false },
      { name: `${name}Key.pem`, content: exportKey(privateKey, passphrase), secret: true },
    ],
    { force },
  );
  return { requestFile, keyFile };
}
