import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSimulatorPki, PROVIDER_NAMES } from "../../src/simulator/certificates.ts";
import { createProviderTokenKey, createServiceAccount } from "../../src/simulator/credentials.ts";
import { startRedis, type RedisServer } from "../../test/fixtures/redis-servers.ts";
import type { LoadOrder, LoadResult } from "../load/load-order.ts";
import type { StandInAnswer, StandInOrder } from "../stand-in/stand-in-order.ts";
import { startHelper, type HelperProcess } from "./helper-process.ts";

/** Paths of what parties are configured with. */
export interface StageFiles {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  readonly apnsCertificate: string;
  readonly apnsKey: string;
  readonly apnsTokenKey: string;
  readonly serviceAccount: string;
}

/** The surroundings of a measured gateway: load, providers and credentials. */
export interface Stage extends AsyncDisposable {
  readonly directory: string;
  readonly files: StageFiles;
  readonly caText: string;
  readonly ports: { readonly apns: number; readonly fcm: number; readonly oauth: number };
  readonly standIn: HelperProcess<StandInOrder, StandInAnswer>;
  readonly load: HelperProcess<LoadOrder, LoadResult>;
  /** Returns `count` numbers for pushes that nobody else gets, and the first of them. */
  takeNumbers(count: number): number;
}

export const APNS_KEY = { keyId: "BENCHKEY01", teamId: "BENCHTEAM1" } as const;
export const BUNDLE_ID = "org.example.phone";
const PROJECT_ID = "bench";

export async function openStage(): Promise<Stage> {
  await using opened = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), "sip-pushd-bench-"));
  opened.defer(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }));
  const { files, ca } = await writeFiles(directory);
  const standIn = opened.use(
    startHelper<StandInOrder, StandInAnswer>("stand-in/stand-in-process.ts", [files.cert, files.key]),
  );
  const load = opened.use(startHelper<LoadOrder, LoadResult>("load/load-process.ts"));
  const { apnsPort, fcmPort, oauthPort } = await standIn.ask({ kind: "ports" });
  let taken = 0;
  const resources = opened.move();
  return {
    directory,
    files,
    caText: ca,
    ports: { apns: apnsPort, fcm: fcmPort, oauth: oauthPort },
    standIn,
    load,
    takeNumbers(count) {
      taken += count;
      return taken - count;
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

async function writeFiles(directory: string): Promise<{ readonly files: StageFiles; readonly ca: string }> {
  const pki = createSimulatorPki();
  const server = pki.issueServerCertificate({ names: PROVIDER_NAMES });
  const apns = pki.issueApnsCertificate({ bundleId: BUNDLE_ID, teamId: APNS_KEY.teamId });
  // The configuration names another token endpoint.
  const { account } = await createServiceAccount({
    projectId: PROJECT_ID,
    tokenUri: "https://oauth2.googleapis.com/token",
  });
  const write = async (name: string, content: string) => {
    const path = join(directory, name);
    await writeFile(path, content, { mode: 0o600 });
    return path;
  };
  const files = {
    ca: await write("ca.crt", pki.ca),
    cert: await write("server.crt", server.certificate),
    key: await write("server.key", server.key),
    apnsCertificate: await write("apns-cert.pem", apns.certificate),
    apnsKey: await write("apns-key.pem", apns.key),
    apnsTokenKey: await write(`AuthKey_${APNS_KEY.keyId}.p8`, createProviderTokenKey(APNS_KEY).key),
    serviceAccount: await write("service-account.json", JSON.stringify(account)),
  };
  return { files, ca: pki.ca };
}

/** Undefined if no `redis-server` is installed. */
export async function startOwnRedis(): Promise<RedisServer | undefined> {
  try {
    return await startRedis();
  } catch {
    return undefined;
  }
}
