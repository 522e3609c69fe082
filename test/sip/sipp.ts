import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { join } from "node:path";

const SCENARIOS = join(import.meta.dirname, "scenarios");
const LOOPBACK = "127.0.0.1";

export interface SippOptions {
  readonly scenario: string;
  readonly port: number;
  /** Where its first request goes; absent: it waits for one. */
  readonly to?: number;
  /** Values of `[name]` in the scenario. */
  readonly keys?: Readonly<Record<string, string>>;
  /** The Call-ID of the call that it makes. */
  readonly callId?: string;
  readonly directory: string;
}

export interface SippRun extends AsyncDisposable {
  /** 0: everything came as the scenario has it. Rejects with what SIPp said otherwise. */
  readonly done: Promise<void>;
}

/** How long a scenario may take. */
const TIMEOUT_SECONDS = 30;

/** One call by SIPp (Debian's `sip-tester`). */
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
  // Who has not come to ask yet has not missed it.
  done.catch(() => undefined);
  return {
    done,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** A UDP port of the loopback address that nobody uses now. */
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
