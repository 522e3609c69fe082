import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findFreePort } from "../../test/fixtures/http-tools.ts";
import type { RedisServer } from "../../test/fixtures/redis-servers.ts";
import type { RequestTemplate } from "../load/load-order.ts";
import { spawnProgram, startProgram, type Party, type ProgramOptions, type StartedProgram } from "./party.ts";
import { readServerPid } from "./redis-pid.ts";
import { APNS_KEY, BUNDLE_ID, type Stage } from "./stage.ts";
import { APNS_DEVICE, CALLS, FCM_DEVICE } from "./templates.ts";

const MAIN = join(import.meta.dirname, "../../dist/main.js");

/** Differences from the default configuration. */
export interface GatewayVariant {
  readonly name: string;
  /** Undefined for SQLite. */
  readonly redis?: RedisServer;
  readonly provider?: "apns" | "fcm";
  readonly credential?: "key" | "certificate";
  readonly durability?: "process" | "disk";
  readonly processes?: number;
  readonly template?: RequestTemplate;
  readonly callees?: number;
  readonly devices?: number;
  /** Further settings of the section `store`, each with a comma before it. */
  readonly store?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Gateway extends Party {
  readonly directory: string;
  /** Prefix of its keys in Redis. */
  readonly keyPrefix: string;
  readonly variant: GatewayVariant;
  /** The registration of a subscriber's device. */
  readonly device: RequestTemplate;
  /** Kills all its processes without warning. */
  kill(): Promise<void>;
  /** Starts it again, with the same port and store. Does not wait for its port. */
  spawnAgain(): void;
}

export async function startGateway(stage: Stage, variant: GatewayVariant): Promise<Gateway> {
  const port = await findFreePort();
  const directory = join(stage.directory, `gateway-${port}`);
  await mkdir(directory);
  await writeFile(join(directory, "config.yml"), buildConfig(stage, variant, directory, port));
  const options: ProgramOptions = {
    command: [process.execPath, MAIN, "serve", "--config", join(directory, "config.yml")],
    env: { STATE_DIRECTORY: directory, ...variant.env },
    logFile: join(directory, "log"),
    port,
  };
  let program: StartedProgram = await startProgram(options);
  return {
    name: variant.name,
    directory,
    keyPrefix: buildKeyPrefix(port),
    variant,
    get pid() {
      return program.pid;
    },
    target: { port, ca: stage.caText },
    template: variant.template ?? CALLS,
    device: variant.provider === "fcm" ? FCM_DEVICE : APNS_DEVICE,
    redisPid: variant.redis === undefined ? 0 : await readServerPid(variant.redis),
    async kill() {
      const exited = new Promise((resolve) => program.child.once("exit", resolve));
      program.child.kill("SIGKILL");
      await exited;
    },
    spawnAgain: () => void (program = spawnProgram(options)),
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}

const buildKeyPrefix = (port: number) => `g${port}:`;

function buildConfig({ files, ports }: Stage, variant: GatewayVariant, directory: string, port: number): string {
  const { durability = "process", credential = "key", processes = 1, redis, store = "" } = variant;
  const place =
    redis === undefined
      ? `path: ${join(directory, "sip-pushd.db")}`
      : `redis: { url: "${redis.url}", key_prefix: "${buildKeyPrefix(port)}" }`;
  const key = `http2_jwt: { ec_key: ${files.apnsTokenKey}, ec_key_id: ${APNS_KEY.keyId}, issuer: ${APNS_KEY.teamId}, topic: ${BUNDLE_ID} }`;
  const certificate = `certificate: ${files.apnsCertificate}\n  key: ${files.apnsKey}`;
  return `host: 127.0.0.1
port: ${port}
sslcertfile: ${files.cert}
sslcertkeyfile: ${files.key}
processes: ${processes}
store: { ${place}, durability: ${durability}${store} }
apns:
  endpoint: https://localhost:${ports.apns}
  ca_file: ${files.ca}
  ${credential === "key" ? key : certificate}
fcm:
  service_account: ${files.serviceAccount}
  endpoint: https://localhost:${ports.fcm}
  token_endpoint: https://localhost:${ports.oauth}/token
  ca_file: ${files.ca}
`;
}
