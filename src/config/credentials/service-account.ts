import { createPrivateKey } from "node:crypto";
import type { ServiceAccount } from "../config.ts";
import type { Complaint } from "../reading/report.ts";
import { readCredentialText, unfoldPem } from "./credential-text.ts";
import { identifyCredential, parseObject } from "./identify-credential.ts";

const DOWNLOAD = "download it: Firebase console, Project settings, Service accounts, Generate new private key";

export type ServiceAccountReading = { readonly account: ServiceAccount } | { readonly complaint: Complaint };

/** Reads Google's service account file. Its text is secret and never part of a message. */
export function readServiceAccount(path: string, bytes: Buffer): ServiceAccountReading {
  const text = readCredentialText(bytes);
  const json = parseObject(text);
  if (json?.["type"] !== "service_account") {
    const identity = identifyCredential(text) ?? "not a JSON object";
    return refuse(`${path} is ${identity}, and no service account`);
  }
  const names = ["project_id", "client_email", "private_key"] as const;
  const missing = names.filter((name) => typeof json[name] !== "string" || json[name] === "");
  if (missing.length > 0) return refuse(`${path} has no ${missing.map((name) => `"${name}"`).join(", ")}`);
  const privateKey = unfoldPem(String(json["private_key"]).trim());
  if (!isRsaKey(privateKey)) return refuse(`the "private_key" in ${path} is no RSA key in PEM form`);
  return { account: { projectId: String(json["project_id"]), clientEmail: String(json["client_email"]), privateKey } };
}

function refuse(message: string): ServiceAccountReading {
  return { complaint: { message, mend: DOWNLOAD } };
}

function isRsaKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyType === "rsa";
  } catch {
    return false;
  }
}
