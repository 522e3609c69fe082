import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { runInGroup } from "./run-in-group.ts";

async function withScript(text: string, work: (script: string, directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "sip-pushd-script-"));
  try {
    const script = join(directory, "script.mjs");
    await writeFile(script, text);
    await work(script, directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Prints the id of a process that it stops, and its own. */
const FREEZE = `
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
const child = spawn("sleep", ["600"], { stdio: "ignore" });
process.kill(child.pid, "SIGSTOP");
writeFileSync(process.argv[2], String(child.pid));
`;

/** Also true for a process that has exited and was not reaped yet. */
function isGone(pid: number): boolean {
  try {
    return /^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return true;
  }
}

const expectGone = async (file: string): Promise<void> => {
  const pid = Number(readFileSync(file, "utf8"));
  await vi.waitFor(() => expect(isGone(pid)).toBe(true), 5_000);
};

it("returns what the script sends", async () => {
  await withScript(`process.send({ lost: Infinity }, () => process.exit());`, async (script) => {
    await expect(runInGroup({ script, args: [], limitMs: 60_000 })).resolves.toEqual({ lost: Infinity });
  });
});

it("kills a script that has stopped its whole group, and what it had stopped", { timeout: 30_000 }, async () => {
  await withScript(`${FREEZE} process.kill(0, "SIGSTOP");`, async (script, directory) => {
    const pid = join(directory, "pid");

    const run = runInGroup({ script, args: [pid], limitMs: 3_000 });

    await expect(run).rejects.toThrow("did not end within 3 s; all of its processes were killed");
    await expectGone(pid);
  });
});

it("kills what a script that throws has left stopped", async () => {
  await withScript(`${FREEZE} throw new Error("a step that throws");`, async (script, directory) => {
    const pid = join(directory, "pid");

    await expect(runInGroup({ script, args: [pid], limitMs: 60_000 })).rejects.toThrow("ended without a result");
    await expectGone(pid);
  });
});
