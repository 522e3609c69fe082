import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createSocket } from "node:dgram";
import { Resolver } from "node:dns/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A name server (BIND) on loopback. */
export interface NameServer extends AsyncDisposable {
  /** For resolvers: `127.0.0.1:port`. */
  readonly address: string;
}

const READY_TIMEOUT_MS = 15_000;
/** A zone whose answer shows that the server is ready. */
const READY_ZONE = "ready.test";

/** Serves zone files by zone name. The test provides the records after `$ORIGIN` and SOA. */
export async function startNameServer(zones: Readonly<Record<string, string>>): Promise<NameServer> {
  const directory = await mkdtemp(join(tmpdir(), "sip-pushd-named-"));
  const port = await findFreePort();
  const all = { ...zones, [READY_ZONE]: "@ IN NS ns\nns IN A 127.0.0.1\n" };
  for (const [zone, records] of Object.entries(all)) {
    const soa = `$ORIGIN ${zone}.\n$TTL 60\n@ IN SOA ns hostmaster 1 3600 600 86400 60\n`;
    await writeFile(join(directory, `${zone}.zone`), soa + records);
  }
  const entries = Object.keys(all).map((zone) => `zone "${zone}" { type primary; file "${zone}.zone"; };`);
  await writeFile(
    join(directory, "named.conf"),
    `options { directory "${directory}"; listen-on port ${port} { 127.0.0.1; }; listen-on-v6 { none; }; pid-file none;
       session-keyfile none; recursion no; dnssec-validation no; empty-zones-enable no; };
     controls {};
     ${entries.join("\n")}\n`,
  );
  const child = spawn("named", ["-g", "-4", "-n", "1", "-c", join(directory, "named.conf")], {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin` },
  });
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (log += text));
  const ended = once(child, "close");
  const stop = async (): Promise<void> => {
    child.kill("SIGKILL");
    await ended;
    await rm(directory, { recursive: true });
  };
  const address = `127.0.0.1:${port}`;
  try {
    await Promise.race([awaitAnswer(address), ended.then(() => Promise.reject(new Error("it ended")))]);
  } catch (error) {
    await stop();
    throw new Error(`named did not start:\n${log}`, { cause: error });
  }
  return { address, [Symbol.asyncDispose]: stop };
}

async function awaitAnswer(address: string): Promise<void> {
  const resolver = new Resolver({ timeout: 200, tries: 1 });
  resolver.setServers([address]);
  const giveUpAt = performance.now() + READY_TIMEOUT_MS;
  for (;;) {
    try {
      await resolver.resolveNs(READY_ZONE);
      return;
    } catch (error) {
      if (performance.now() > giveUpAt) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function findFreePort(): Promise<number> {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address();
  socket.close();
  await once(socket, "close");
  return port;
}
