import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import type { LoadTarget, RequestTemplate } from "../load/load-order.ts";

/** A program that takes pushes: the gateway, the floor, or a peer. */
export interface Party extends AsyncDisposable {
  readonly name: string;
  /** Root of its processes; 0 if it is not known, and CPU time is then not measured. */
  readonly pid: number;
  readonly target: LoadTarget;
  readonly template: RequestTemplate;
  /** Process id of the Redis that only this party uses at a time; 0 without. */
  readonly redisPid: number;
}

export interface StartedProgram extends AsyncDisposable {
  readonly child: ChildProcess;
  readonly pid: number;
}

export interface ProgramOptions {
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly logFile: string;
  /** Port whose listener shows that the program has started. */
  readonly port: number;
}

const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 10_000;
const LOOK_EVERY_MS = 10;

/** Starts a program that writes its output to a file. Resolves when its port is open. */
export async function startProgram(options: ProgramOptions): Promise<StartedProgram> {
  const program = spawnProgram(options);
  try {
    await waitForPort(options, program.child);
  } catch (error) {
    await program[Symbol.asyncDispose]();
    throw error;
  }
  return program;
}

export function spawnProgram({ command, env, cwd, logFile }: ProgramOptions): StartedProgram {
  const [program = "", ...args] = command;
  const log = openSync(logFile, "a");
  const child = spawn(program, args, {
    stdio: ["ignore", log, log],
    env: { ...process.env, ...env },
    ...(cwd === undefined ? {} : { cwd }),
  });
  closeSync(log);
  return {
    child,
    pid: child.pid ?? 0,
    [Symbol.asyncDispose]: () => stop(child),
  };
}

async function waitForPort({ port, command, logFile }: ProgramOptions, child: ChildProcess): Promise<void> {
  const until = performance.now() + START_TIMEOUT_MS;
  while (!(await isOpen(port))) {
    if (child.exitCode !== null || performance.now() > until) {
      const output = readFileSync(logFile, "utf8").slice(-2_000);
      throw new Error(`${command.join(" ")} did not open port ${port}:\n${output}`);
    }
    await pause(LOOK_EVERY_MS);
  }
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.once("connect", () => {
      resolve(true);
      socket.destroy();
    });
    socket.once("error", () => resolve(false));
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  const force = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
  await exited;
  clearTimeout(force);
}
