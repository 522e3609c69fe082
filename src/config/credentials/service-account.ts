import { createPrivateKey } from "node:crypto";
import type { ServiceAccount } from "../config.ts";
import type { Complaint } from "../reading/report.ts";
import { decodeUtf8 } from "./files.ts";

const DOWNLOAD = "download it: Firebase console, Project settings, Service accounts, Generate new private key";

export type ServiceAccountReading = { readonly account: ServiceAccount } | { readonly complaint: Complaint };

/** Reads Google's service account file. Its text is secret and never part of a message. */
export function readServiceAccount(path: string, bytes: Buffer): ServiceAccountReading {
  const json = parseObject(decodeUtf8(bytes));
  if (!json) return refuse(`${path} is no JSON object`);
  if ("project_info" in json) return refuse(`${path} is the app's google-services.json, not a service account`);
  if (json["type"] !== "service_account") return refuse(`${path} is no service account: its "type" is another`);
  const names = ["project_id", "client_email", "private_key"] as const;
  const missing = names.filter((name) => typeof json[name] !== "string" || json[name] === "");
  if (missing.length > 0) return refuse(`${path} has no ${missing.map((name) => `"${name}"`).join(", ")}`);
  const privateKey = String(json["private_key"]);
  if (!isRsaKey(privateKey)) return refuse(`the "private_key" in ${path} is no RSA key in PEM form`);
  return { account: { projectId: String(json["project_id"]), clientEmail: String(json["client_email"]), privateKey } };
}

function refuse(message: string): ServiceAccountReading {
  return { complaint: { message, mend: DOWNLOAD } };
}

function parseObject(text: string | undefined): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text ?? "");
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function isRsaKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyType === "rsa";
  } catch {
    return false;
  }
}
