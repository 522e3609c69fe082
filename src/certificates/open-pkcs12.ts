import { createPrivateKey, X509Certificate, type KeyObject } from "node:crypto";
import type forgeModule from "node-forge";
import { OperatorError } from "../push/operator-error.ts";

export interface Pkcs12Content {
  readonly certificates: readonly X509Certificate[];
  readonly keys: readonly KeyObject[];
}

type Forge = typeof forgeModule;

/**
 * Opens a PKCS#12 file. Returns undefined if the passphrase is wrong. macOS encrypts such files with RC2, which Node's
 * OpenSSL 3 does not include; forge does.
 */
export async function openPkcs12(file: string, bytes: Buffer, passphrase: string): Promise<Pkcs12Content | undefined> {
  // Loaded only here, so that no other command waits for it.
  const { default: forge } = await import("node-forge");
  try {
    return readPkcs12(forge, bytes, passphrase);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (message.includes("MAC could not be verified")) return undefined;
    const mend = "Export it again from Keychain Access, as Personal Information Exchange (.p12).";
    throw new OperatorError("unreadable_p12", `${file} cannot be opened: ${message}`, { mend, cause: error });
  }
}

function readPkcs12(forge: Forge, bytes: Buffer, passphrase: string): Pkcs12Content {
  const parse = (): forgeModule.asn1.Asn1 => forge.asn1.fromDer(bytes.toString("latin1"), false);
  try {
    return readBags(forge, forge.pkcs12.pkcs12FromAsn1(parse(), false, passphrase));
  } catch (error) {
    if (/^[ -~]*$/.test(passphrase) || String(error).includes("MAC could not be verified")) throw error;
    // The MAC has accepted the passphrase. Newer ciphers use its UTF-8 (RFC 7292 §B.1, RFC 8018), which forge leaves to
    // the caller.
    const pfx = parse();
    if (Array.isArray(pfx.value)) pfx.value.splice(2);
    return readBags(forge, forge.pkcs12.pkcs12FromAsn1(pfx, false, forge.util.encodeUtf8(passphrase)));
  }
}

function readBags(forge: Forge, { safeContents }: forgeModule.pkcs12.Pkcs12Pfx): Pkcs12Content {
  const { certificateToAsn1, oids, privateKeyToAsn1, wrapRsaPrivateKey } = forge.pki;
  const toDer = (value: forgeModule.asn1.Asn1): Buffer => Buffer.from(forge.asn1.toDer(value).getBytes(), "latin1");
  const bags = safeContents.flatMap(({ safeBags }) => safeBags);
  const certificates = bags.filter(({ type }) => type === oids["certBag"]);
  const keys = bags.filter(({ type }) => type === oids["keyBag"] || type === oids["pkcs8ShroudedKeyBag"]);
  return {
    // forge returns anything but RSA unparsed.
    certificates: certificates.map(
      ({ cert, asn1 }) => new X509Certificate(toDer(cert ? certificateToAsn1(cert) : asn1)),
    ),
    keys: keys.map(({ key, asn1 }) => {
      const der = toDer(key ? wrapRsaPrivateKey(privateKeyToAsn1(key)) : asn1);
      return createPrivateKey({ key: der, format: "der", type: "pkcs8" });
    }),
  };
}
