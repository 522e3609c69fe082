import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";

/** System calls that show writes to the disk and answers to clients. */
const CALLS = "trace=fsync,fdatasync,pwrite64,write,writev";
/** More than a page of a database, in which each byte may take four characters. */
const LONGEST_TEXT = 20_000;
const ID = /[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** Returns true if this machine allows watching another process; containers and hardened kernels do not. */
export function canTrace(): boolean {
  const sleeper = spawn("sleep", ["10"], { stdio: "ignore" });
  try {
    // 124: it was still watching at the end of its time.
    const strace = ["strace", "-o", "/dev/null", "-p", String(sleeper.pid)];
    return spawnSync("timeout", ["-s", "INT", "0.3", ...strace]).status === 124;
  } finally {
    sleeper.kill();
  }
}

/** Records the system calls of a process during the work. */
export async function traceSystemCalls(pid: number, file: string, work: () => Promise<void>): Promise<string> {
  await watch(pid, ["-y", "-s", String(LONGEST_TEXT), "-e", CALLS, "-o", file], work);
  return readFile(file, "utf8");
}

/** Makes the kernel fail all syncs of a process during the work. */
export function refuseSyncs(pid: number, work: () => Promise<void>): Promise<void> {
  const syncs = "fsync,fdatasync";
  return watch(pid, ["-e", `trace=${syncs}`, "-e", `inject=${syncs}:error=EIO`, "-o", "/dev/null"], work);
}

async function watch(pid: number, options: readonly string[], work: () => Promise<void>): Promise<void> {
  const args = ["-f", ...options, "-p", String(pid)];
  const strace = spawn("strace", args, { stdio: ["ignore", "ignore", "pipe"] });
  await once(strace.stderr, "data");
  try {
    await work();
  } finally {
    strace.kill("SIGINT");
    await once(strace, "exit");
  }
}

export interface TracedAnswers {
  readonly synced: readonly string[];
  /** Pushes acknowledged before the write-ahead log with them was synced. */
  readonly early: readonly string[];
}

/** Returns the order in which pushes were written, synced and acknowledged. */
export function readTracedAnswers(trace: string): TracedAnswers {
  const written = new Set<string>();
  const durable = new Set<string>();
  /** By thread: the file whose fsync has begun. */
  const syncing = new Map<string, string>();
  const answered: string[] = [];
  const early: string[] = [];
  for (const line of trace.split("\n")) {
    const [, thread = "", call = ""] = /^(\d+) +(.*)$/.exec(line) ?? [];
    const [, file, rest] = /^f(?:data)?sync\(\d+<([^>]*)>(.*)$/.exec(call) ?? [];
    if (file !== undefined) syncing.set(thread, file);
    const isDone = rest?.startsWith(")") === true || /^<\.\.\. f(?:data)?sync resumed>/.test(call);
    if (isDone && call.endsWith("= 0") && syncing.get(thread)?.endsWith("-wal") === true) {
      for (const id of written) durable.add(id);
    }
    if (/^pwrite64\(\d+<[^>]*-wal>/.test(call)) for (const [id] of call.matchAll(ID)) written.add(id);
    const [, id] = /^writev?\(.*HTTP\/1\.1 202 .*\/v1\/pushes\/([0-9a-f-]{36})/.exec(call) ?? [];
    if (id !== undefined) (durable.has(id) ? answered : early).push(id);
  }
  return { synced: answered, early };
}
