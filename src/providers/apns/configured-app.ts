import type { Environment } from "../../push/device.ts";
import type { ApnsCertificate, ApnsTokenKey } from "./credentials.ts";
import type { ApnsApp } from "./provider.ts";

/** A certificate for Apple with the facts that the configuration reads from its file. */
export interface ConfiguredCertificate extends ApnsCertificate {
  readonly file: string;
  /** Empty if the certificate names none. */
  readonly environments: readonly Environment[];
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

interface ConfiguredTokenKey extends ApnsTokenKey {
  readonly tls?: { readonly certificate: string; readonly key: string; readonly certificateFile: string };
}

/** An app as the configuration describes it. */
export interface ConfiguredApnsApp extends ApnsApp {
  readonly credentials: ConfiguredCertificate | ConfiguredTokenKey;
  readonly voipCredentials?: ConfiguredCertificate;
}
