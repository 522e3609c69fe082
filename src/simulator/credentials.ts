import { generateKeyPair, generateKeyPairSync, randomBytes, type KeyObject } from "node:crypto";
import { promisify } from "node:util";

/** `AuthKey_<keyId>.p8` as Apple's developer site issues it, and the public key that Apple keeps. */
export interface ProviderTokenKey {
  readonly key: string;
  readonly keyId: string;
  readonly teamId: string;
  readonly publicKey: KeyObject;
}

/** Google's key file, with the member names that Google uses. */
export interface ServiceAccount {
  readonly type: "service_account";
  readonly project_id: string;
  readonly private_key_id: string;
  readonly private_key: string;
  readonly client_email: string;
  readonly client_id: string;
  readonly auth_uri: string;
  readonly token_uri: string;
  readonly universe_domain: string;
}

export interface ServiceAccountPair {
  readonly account: ServiceAccount;
  readonly publicKey: KeyObject;
}

export function createProviderTokenKey({ keyId, teamId }: { keyId: string; teamId: string }): ProviderTokenKey {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return { key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(), keyId, teamId, publicKey };
}

export async function createServiceAccount(options: {
  readonly projectId: string;
  readonly tokenUri: string;
}): Promise<ServiceAccountPair> {
  const { privateKey, publicKey } = await sharedRsaKeys();
  const account: ServiceAccount = {
    type: "service_account",
    project_id: options.projectId,
    private_key_id: randomBytes(20).toString("hex"),
    private_key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    client_email: `sip-pushd@${options.projectId}.iam.gserviceaccount.com`,
    client_id: "100000000000000000001",
    auth_uri: "https://accounts.google.com/o/oauth2/auth",
    token_uri: options.tokenUri,
    universe_domain: "googleapis.com",
  };
  return { account, publicKey };
}

interface RsaKeys {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

let rsaKeys: Promise<RsaKeys> | undefined;

/** One pair per process, because generating an RSA key takes longer than starting the rest of a simulator. */
function sharedRsaKeys(): Promise<RsaKeys> {
  rsaKeys ??= promisify(generateKeyPair)("rsa", { modulusLength: 2048 });
  return rsaKeys;
}
