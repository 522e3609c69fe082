import { X509Certificate } from "node:crypto";
import type { AppCertificate } from "../provider-module.ts";
import type { ConfiguredApnsApp } from "./configured-app.ts";

export function listCertificates({ credentials, voipCredentials }: ConfiguredApnsApp): readonly AppCertificate[] {
  if (credentials.kind === "token") {
    const { tls } = credentials;
    if (tls === undefined) return [];
    const expiresAt = new X509Certificate(tls.certificate).validToDate.getTime();
    return [{ kind: "apns_tls", file: tls.certificateFile, expiresAt }];
  }
  const { file, expiresAt } = credentials;
  const main = { kind: "apns", file, expiresAt };
  if (voipCredentials === undefined) return [main];
  return [main, { kind: "apns_voip", file: voipCredentials.file, expiresAt: voipCredentials.expiresAt }];
}
