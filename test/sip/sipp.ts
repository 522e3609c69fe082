import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { join } from "node:path";

const SCENARIOS = join(import.meta.dirname, "scenarios");
const LOOPBACK = "127.0.0.1";

export interface SippOptions {
  readonly scenario: string;
  readonly port: number;
  /** Port for its first request; undefined if it waits for one. */
  readonly to?: number;
  /** Values of `[name]` in the scenario. */
  readonly keys?: Readonly<Record<string, string>>;
  /** Call-ID of its call. */
  readonly callId?: string;
  readonly directory: string;
}

export interface SippRun extends AsyncDisposable {
  /** Resolves if everything matched the scenario. Otherwise rejects with SIPp's output. */
  readonly done: Promise<void>;
}

/** Time limit of a scenario. */
const TIMEOUT_SECONDS = 30;

/** Plays one call with SIPp (Debian's `sip-tester`). */
export function runSipp({ scenario, port, to, keys = {}, callId, directory }: SippOptions): SippRun {
  const own = ["-sf", join(SCENARIOS, `${scenario}.xml`), "-i", LOOPBACK, "-p", String(port), "-m", "1", "-nostdin"];
  const limits = ["-timeout", `${TIMEOUT_SECONDS}s`, "-timeout_error"];
  const errors = ["-trace_err", "-error_file", join(directory, `${port}.err`)];
  const remote = to === undefined ? [] : [`${LOOPBACK}:${to}`];
  const name = callId === undefined ? [] : ["-cid_str", callId];
  const values = Object.entries(keys).flatMap(([key, value]) => ["-key", key, value]);
  const args = [...remote, ...own, ...limits, ...errors, ...name, ...values];
  const child = spawn("sipp", args, { cwd: directory, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk) => (said = (said + chunk).slice(-4_000)));
  const ended = once(child, "close");
  const done = ended.then(([code]) => {
    if (code !== 0) throw new Error(`sipp ${scenario} ended with ${String(code)}:\n${said}`);
  });
  // Marks a rejection as handled until a test awaits it.
  done.catch(() => undefined);
  return {
    done,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** Returns a UDP port of the loopback address that is free now. */
export async function findUdpPort(): Promise<number> {
  const socket = createSocket("udp4");
  socket.bind(0, LOOPBACK);
  await once(socket, "listening");
  const { port } = socket.address();
  const closed = once(socket, "close");
  socket.close();
  await closed;
  return port;
}
