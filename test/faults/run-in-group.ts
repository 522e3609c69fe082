import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface GroupRun {
  /** A Node script that sends its one result over the IPC channel and then exits. */
  readonly script: string;
  readonly args: readonly string[];
  readonly limitMs: number;
}

/**
 * Runs a script in its own session and process group, and returns what it sends. At the time limit, or when the script
 * ends in any way, every process of the group is continued and killed, including stopped ones, so a step that throws
 * between SIGSTOP and SIGCONT leaves nothing behind. A session has no terminal, so job control cannot stop it either.
 */
export async function runInGroup({ script, args, limitMs }: GroupRun): Promise<unknown> {
  const directory = await mkdtemp(join(tmpdir(), "sip-pushd-group-"));
  const child = spawn(process.execPath, [script, ...args], {
    detached: true,
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    serialization: "advanced",
    env: { ...process.env, TMPDIR: directory },
  });
  const group = child.pid;
  if (group === undefined) throw new Error(`Cannot start ${script}: ${String((await once(child, "error"))[0])}`);
  const results: unknown[] = [];
  child.on("message", (result) => results.push(result));
  // The channel may still hold the result when the process has ended.
  const exited = Promise.all([once(child, "exit"), once(child, "disconnect")]);
  let isLate = false;
  const limit = setTimeout(() => {
    isLate = true;
    killGroup(group);
  }, limitMs);
  const interrupt = (signal: NodeJS.Signals): void => {
    killGroup(group);
    process.kill(process.pid, signal);
  };
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  try {
    const [[code, signal]] = (await exited) as [[number | null, NodeJS.Signals | null], unknown];
    if (isLate) throw new Error(`did not end within ${limitMs / 1000} s; all of its processes were killed`);
    if (results.length > 0) return results[0];
    throw new Error(`ended without a result (code ${code}, signal ${signal}); its output is above`);
  } finally {
    clearTimeout(limit);
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
    killGroup(group);
    await rm(directory, { recursive: true, force: true, maxRetries: 5 }).catch(() => undefined);
  }
}

/** A stopped process dies of SIGKILL as well; SIGCONT first informs its parent and its tracer. */
function killGroup(group: number): void {
  for (const signal of ["SIGCONT", "SIGKILL"] as const) {
    try {
      process.kill(-group, signal);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
    }
  }
}
