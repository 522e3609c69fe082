import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { findFreePort } from "../../test/fixtures/http-tools.ts";
import type { RedisServer } from "../../test/fixtures/redis-servers.ts";
import type { RequestTemplate } from "../load/load-order.ts";
import { startProgram, type Party } from "./party.ts";
import { readServerPid } from "./redis-pid.ts";
import type { Stage } from "./stage.ts";

/**
 * Another push gateway, as `--peer FILE` describes it in JSON. All texts may contain `{port}`, `{directory}`,
 * `{apns_port}`, `{fcm_port}`, `{oauth_port}`, `{ca_file}`, `{cert_file}`, `{key_file}`, `{apns_key_file}`,
 * `{service_account_file}` and `{redis_url}`; the request also `{n}`, `{callee}` and `{hex}`.
 */
export interface Peer {
  readonly name: string;
  /** Program and arguments; undefined if it runs already, at `port`. */
  readonly command?: readonly string[];
  /** Files to write before the start, by their name in `{directory}`. */
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** A free one by default. */
  readonly port?: number;
  /** Process id of a peer that runs already; without it, its CPU time is not measured. */
  readonly pid?: number;
  /** True for HTTPS, with the certificate of `{cert_file}` or one of `ca_file`. */
  readonly tls?: boolean;
  /** Authority that issued the peer's certificate; a path relative to the file. */
  readonly ca_file?: string;
  /** True if the peer keeps its queue in `{redis_url}`, so that Redis's CPU time counts for it. */
  readonly uses_redis?: boolean;
  /** Its payload has to contain `bench~{n}~`, by which the stand-in recognises the push. */
  readonly request: RequestTemplate;
}

/** Throws a TypeError that names the file and what is wrong with it. */
export async function readPeer(file: string): Promise<Peer> {
  const peer = await readJson(file);
  const { name, request, command, port } = peer;
  if (name === undefined || request === undefined) throw new TypeError(`${file} needs "name" and "request".`);
  if (command === undefined && port === undefined)
    throw new TypeError(`${file} needs "command", or "port" if the peer runs already.`);
  if (!JSON.stringify(request).includes("bench~{n}~"))
    throw new TypeError(`${file}: the request has to contain bench~{n}~ in the payload of the push.`);
  const { ca_file: ca } = peer;
  return { ...peer, name, request, ...(ca !== undefined && { ca_file: resolve(dirname(file), ca) }) };
}

async function readJson(file: string): Promise<Partial<Peer>> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as Partial<Peer>;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new TypeError(`The description of the peer cannot be read: ${file}: ${why}`, { cause: error });
  }
}

/** Starts the peer, or takes the one that runs. */
export async function startPeer(stage: Stage, peer: Peer, redis: RedisServer | undefined): Promise<Party> {
  const port = peer.port ?? (await findFreePort());
  const directory = join(stage.directory, `peer-${port}`);
  await mkdir(directory);
  const fill = buildFill(stage, { port, directory, redis_url: redis?.url ?? "" });
  for (const [name, text] of Object.entries(peer.files ?? {})) await writeFile(join(directory, name), fill(text));
  const env = Object.fromEntries(Object.entries(peer.env ?? {}).map(([name, text]) => [name, fill(text)]));
  const program =
    peer.command === undefined
      ? undefined
      : await startProgram({
          command: peer.command.map(fill),
          env,
          cwd: directory,
          logFile: join(directory, "log"),
          port,
        });
  const ca = peer.ca_file === undefined ? stage.caText : await readFile(peer.ca_file, "utf8");
  const { method, path, headers, body } = peer.request;
  const filled = Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, fill(text)]));
  return {
    name: peer.name,
    pid: program?.pid ?? peer.pid ?? 0,
    target: peer.tls === true ? { port, ca } : { port },
    template: { method, path: fill(path), headers: filled, body: fill(body) },
    redisPid: peer.uses_redis === true && redis !== undefined ? await readServerPid(redis) : 0,
    async [Symbol.asyncDispose]() {
      await program?.[Symbol.asyncDispose]();
    },
  };
}

/** Leaves unknown placeholders as they are. */
function buildFill({ files, ports }: Stage, own: Readonly<Record<string, string | number>>): (text: string) => string {
  const values: Readonly<Record<string, string | number>> = {
    ...own,
    apns_port: ports.apns,
    fcm_port: ports.fcm,
    oauth_port: ports.oauth,
    ca_file: files.ca,
    cert_file: files.cert,
    key_file: files.key,
    apns_key_file: files.apnsTokenKey,
    service_account_file: files.serviceAccount,
  };
  return (text) => text.replaceAll(/\{([a-z_]+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
