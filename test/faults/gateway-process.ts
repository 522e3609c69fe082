import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { LostAnswer } from "./ledgers.ts";

const MAIN = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
const START_TIMEOUT_MS = 20_000;
const SHIFT_CLOCK = new URL("shift-clock.ts", import.meta.url).href;
/** systemd would kill a gateway that has not exited by then. */
const STOP_TIMEOUT_MS = 30_000;

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly at: number;
}

export interface GatewayProcess extends AsyncDisposable {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  /** kill -9: the signal is sent before the call returns. */
  kill(): Promise<Exit>;
  /** SIGTERM. */
  stop(): Promise<Exit>;
  /** Suspends the process until `thaw`, as on a machine that swaps or is migrated. */
  freeze(): void;
  thaw(): void;
}

export interface GatewayProcessOptions {
  readonly configFile: string;
  /** Milliseconds by which its wall clock is ahead. */
  readonly clockAheadMs?: number;
  /** A module that the process loads first, which may kill it. Ending by itself is then no accident. */
  readonly deadlyPreload?: string | undefined;
  /** Called when its log says that a push has ended. */
  readonly onPushEnded: (pushId: string) => void;
  /** Called when its log says that an attempt got no answer in time, or lost it with its connection. */
  readonly onAnswerLost: (lost: LostAnswer) => void;
  /** Called for log lines that a healthy gateway never writes. */
  readonly onAccident: (what: string) => void;
}

/** Runs the gateway as an operator does. Resolves when it listens. */
export async function startGatewayProcess(options: GatewayProcessOptions): Promise<GatewayProcess> {
  const { configFile, clockAheadMs = 0, deadlyPreload } = options;
  const preload = [
    ...(clockAheadMs === 0 ? [] : ["--import", SHIFT_CLOCK]),
    ...(deadlyPreload === undefined ? [] : ["--import", deadlyPreload]),
  ];
  const env = { ...process.env, SIP_PUSHD_TEST_CLOCK_AHEAD_MS: String(clockAheadMs) };
  const args = [...preload, MAIN, "serve", "--config", configFile];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"], env });
  let asked = false;
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const listening = Promise.withResolvers<void>();
  createInterface(child.stdout).on("line", (line) => {
    if (line.includes('"msg":"listening"')) listening.resolve();
    readLine(line, options);
  });
  const exited = once(child, "exit").then(([code, signal]: (number | NodeJS.Signals | null)[]): Exit => {
    const exit = { code: code as number | null, signal: signal as NodeJS.Signals | null, at: Date.now() };
    if (!asked && deadlyPreload === undefined) {
      options.onAccident(`a gateway ended by itself (code ${code}, signal ${signal}): ${stderr.trim()}`);
    }
    return exit;
  });
  const end = async (signal: NodeJS.Signals): Promise<Exit> => {
    asked = true;
    child.kill(signal);
    return within(STOP_TIMEOUT_MS, `an end after ${signal}`, exited).catch((error: unknown) => {
      child.kill("SIGKILL");
      throw error;
    });
  };
  const gone = exited.then(() => Promise.reject(new Error(`the gateway did not start: ${stderr.trim()}`)));
  try {
    await within(START_TIMEOUT_MS, "the gateway to listen", Promise.race([listening.promise, gone]));
  } catch (error) {
    await end("SIGKILL");
    throw error;
  }
  // From here on its exit is not a failure to start.
  gone.catch(() => undefined);
  return {
    pid: child.pid ?? 0,
    exited,
    kill: () => end("SIGKILL"),
    stop: () => end("SIGTERM"),
    freeze: () => void child.kill("SIGSTOP"),
    thaw: () => void child.kill("SIGCONT"),
    [Symbol.asyncDispose]: async () => {
      await end("SIGKILL");
    },
  };
}

function readLine(line: string, options: GatewayProcessOptions): void {
  const { onPushEnded, onAnswerLost, onAccident, clockAheadMs = 0 } = options;
  const [, pushId] = /"push_id":"([0-9a-f-]{36})"/.exec(line) ?? [];
  if (pushId !== undefined && /"msg":"push (?:delivered|failed|expired|cancelled)"/.test(line)) onPushEnded(pushId);
  const [, provider] = /"provider":"(apns|fcm)".*"reason":"answer_lost"/.exec(line) ?? [];
  if (pushId !== undefined && provider !== undefined && line.includes('"msg":"attempt deferred"')) {
    const loggedAt = Date.parse(/"time":"([^"]+)"/.exec(line)?.[1] ?? "");
    onAnswerLost({ pushId, provider, at: loggedAt - clockAheadMs });
  }
  if (line.includes('"msg":"unexpected error')) onAccident(line);
}

async function within<T>(ms: number, what: string, promise: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`Waited ${ms} ms in vain for ${what}`)), ms);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
