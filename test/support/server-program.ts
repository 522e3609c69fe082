import { spawn } from "node:child_process";
import { once } from "node:events";

export interface ServerProgramOptions {
  /** For messages. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Resolves when the server is ready. */
  readonly awaitReady: () => Promise<unknown>;
}

/** One of Debian's servers, in the foreground. */
export interface ServerProgram extends AsyncDisposable {
  /** Returns the end of its output. */
  readonly log: () => string;
}

const LOG_LENGTH = 50_000;
/** Longer than any of them needs. Some occasionally hang if told to stop while clients connect. */
const STOP_WITHIN_MS = 8_000;

/** Starts a server. Rejects with its output if it exits at once or is not ready in time. */
export async function startServerProgram(options: ServerProgramOptions): Promise<ServerProgram> {
  const { name, command, args, awaitReady } = options;
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk) => (said = (said + chunk).slice(-LOG_LENGTH)));
  const ended = once(child, "exit");
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    const kill = setTimeout(() => child.kill("SIGKILL"), STOP_WITHIN_MS);
    await ended;
    clearTimeout(kill);
  };
  try {
    await Promise.race([awaitReady(), ended.then(() => Promise.reject(new Error(`${name} did not start:\n${said}`)))]);
  } catch (error) {
    await stop();
    throw error;
  }
  return { log: () => said, [Symbol.asyncDispose]: stop };
}
