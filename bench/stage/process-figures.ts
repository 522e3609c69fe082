import { readdirSync, readFileSync } from "node:fs";

/** The ticks in which Linux counts CPU time. */
const MS_PER_TICK = 10;
const PAGE_BYTES = 4096;

interface ProcessStat {
  readonly parent: number;
  readonly cpuMs: number;
  readonly rssBytes: number;
}

/** Undefined if the process has ended. */
function readStat(pid: number): ProcessStat | undefined {
  try {
    // The name, in parentheses, may contain spaces.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ")
      .map(Number);
    const [, parent = 0] = fields;
    return {
      parent,
      // Its own user and system time, and that of children that have ended.
      cpuMs: fields.slice(11, 15).reduce((sum, ticks) => sum + ticks, 0) * MS_PER_TICK,
      rssBytes: (fields[21] ?? 0) * PAGE_BYTES,
    };
  } catch {
    return undefined;
  }
}

/** Returns the process and all its descendants. */
export function listFamily(root: number): readonly number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    const stat = /^\d+$/.test(name) ? readStat(Number(name)) : undefined;
    if (stat !== undefined) parents.set(Number(name), stat.parent);
  }
  const family = [root];
  for (const member of family) for (const [pid, parent] of parents) if (parent === member) family.push(pid);
  return family;
}

/** User and system time of the process and its descendants, in milliseconds. */
export function readCpuMs(root: number): number {
  return listFamily(root).reduce((sum, pid) => sum + (readStat(pid)?.cpuMs ?? 0), 0);
}

/** Resident memory of the process and its descendants. Pages that they share count for each. */
export function readRssBytes(root: number): number {
  return listFamily(root).reduce((sum, pid) => sum + (readStat(pid)?.rssBytes ?? 0), 0);
}
