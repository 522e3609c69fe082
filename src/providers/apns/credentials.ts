/** A certificate from Apple with its key, both in PEM. */
export interface ApnsCertificate {
  readonly kind: "certificate";
  readonly certificate: string;
  readonly key: string;
  readonly passphrase?: string;
  /** Topics of the certificate, such as `org.example.phone` and `org.example.phone.voip`. */
  readonly topics: readonly string[];
}

/** A PEM key from Apple's developer site (`AuthKey_XXXXXXXXXX.p8`). */
export interface ApnsTokenKey {
  readonly kind: "token";
  readonly key: string;
  readonly keyId: string;
  readonly teamId: string;
  readonly tls?: { readonly certificate: string; readonly key: string };
}

export type ApnsCredentials = ApnsCertificate | ApnsTokenKey;
