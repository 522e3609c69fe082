import { spawnSync } from "node:child_process";
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, unlinkSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OpenStore } from "./store-under-test.ts";

/** Enough for the database, its write-ahead log and the ballast. */
const DISK_MEGABYTES = 40;
const FOLDER = "disk";
const CHUNKS = [1024 * 1024, 4096, 1];

/** Returns true if this process may mount a disk; containers and CI often may not. */
export function canMount(): boolean {
  const directory = mkdtempSync(join(tmpdir(), "sip-pushd-mount-"));
  try {
    return mount(directory) && unmount(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** SQLite on a separate disk, which can be filled to the last byte. */
export const openSqliteOnSmallDisk: OpenStore = async (directory) => {
  const folder = join(directory, FOLDER);
  mkdirSync(folder);
  if (!mount(folder)) throw new Error("a disk of 40 MB could not be mounted; run as root, or leave disk-full out");
  return {
    name: "sqlite",
    section: `{ kind: sqlite, path: ${FOLDER}/sip-pushd.db }`,
    [Symbol.asyncDispose]: async () => void unmount(folder),
  };
};

export function fillDisk(directory: string): void {
  const fd = openSync(fillerOf(directory), "a");
  try {
    for (const bytes of CHUNKS) {
      const chunk = Buffer.alloc(bytes);
      while (tryWrite(fd, chunk));
    }
  } finally {
    closeSync(fd);
  }
}

export function emptyDisk(directory: string): void {
  unlinkSync(fillerOf(directory));
}

function tryWrite(fd: number, chunk: Buffer): boolean {
  try {
    return writeSync(fd, chunk) === chunk.length;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOSPC") return false;
    throw error;
  }
}

function fillerOf(directory: string): string {
  return join(directory, FOLDER, "filler");
}

function mount(folder: string): boolean {
  return succeeds("mount", "-t", "tmpfs", "-o", `size=${DISK_MEGABYTES}m`, "tmpfs", folder);
}

function unmount(folder: string): boolean {
  return succeeds("umount", "-l", folder);
}

function succeeds(program: string, ...args: readonly string[]): boolean {
  return spawnSync(program, args).status === 0;
}
