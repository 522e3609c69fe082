import { existsSync } from "node:fs";
import { mkdir, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pollUntil } from "../faults/poll-until.ts";

export interface CpuQuota {
  readonly periodUs: number;
  /** In each period. */
  readonly quotaUs: number;
}

export interface CpuGroup extends AsyncDisposable {
  add(pid: number): Promise<void>;
}

const ROOT = "/sys/fs/cgroup";
const PATIENCE_MS = 5_000;

/** Creates a cgroup of either version with a CPU quota. Its processes must end before it is disposed. */
export async function createCpuGroup({ periodUs, quotaUs }: CpuQuota): Promise<CpuGroup> {
  const isVersion2 = existsSync(join(ROOT, "cgroup.controllers"));
  const group = join(ROOT, isVersion2 ? "" : "cpu", `sip-pushd-overload-${process.pid}-${Date.now()}`);
  await mkdir(group);
  if (isVersion2) {
    await writeFile(join(group, "cpu.max"), `${quotaUs} ${periodUs}`);
  } else {
    await writeFile(join(group, "cpu.cfs_period_us"), String(periodUs));
    await writeFile(join(group, "cpu.cfs_quota_us"), String(quotaUs));
  }
  const remove = () => rmdir(group).then(() => true, String);
  return {
    add: (pid) => writeFile(join(group, "cgroup.procs"), String(pid)),
    [Symbol.asyncDispose]: () => pollUntil(`the end of all processes in ${group}`, PATIENCE_MS, remove),
  };
}
