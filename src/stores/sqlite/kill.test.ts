import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { createManualClock } from "../../../test/fixtures/clocks.ts";
import { openSqliteStores } from "./sqlite-stores.ts";
import { createTemporaryDirectory } from "../../../test/contracts/temporary-directory.ts";

const VICTIM = fileURLToPath(new URL("../../../test/contracts/accept-until-killed.ts", import.meta.url));

/** Kills the process without warning once it has made a number of promises. Returns all promises that it made. */
async function killAfter(promises: number, path: string, durability: "process" | "disk"): Promise<string[]> {
  const victim = spawn(process.execPath, [VICTIM, path, durability], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(victim, "exit");
  const lines: string[] = [];
  for await (const line of createInterface(victim.stdout)) {
    lines.push(line);
    if (lines.length === promises) victim.kill("SIGKILL");
  }
  expect((await exited)[1]).toBe("SIGKILL");
  return lines;
}

it.each([
  ["process", 1],
  ["process", 500],
  ["disk", 200],
] as const)("finds all that it promised at durability %s after kill -9 at promise %i", async (durability, count) => {
  await using directory = await createTemporaryDirectory();
  const path = join(directory.path, "pushes.db");

  const lines = await killAfter(count, path, durability);

  await using stores = openSqliteStores({ path, durability, clock: createManualClock(Date.now()), ballastBytes: 0 });
  const promises = lines.map((line) => line.split(" ") as [string, string]);
  const states = new Map<string, string | undefined>();
  for (const [, id] of promises) states.set(id, (await stores.pushes.get(id))?.state);
  expect(lines.length).toBeGreaterThan(0);
  expect([...states.values()]).not.toContain(undefined);
  expect(promises.filter(([kind, id]) => kind === "delivered" && states.get(id) !== "delivered")).toEqual([]);
});

it("hands out every push that a killed process left open, and leaves a sound file", async () => {
  await using directory = await createTemporaryDirectory();
  const path = join(directory.path, "pushes.db");
  await killAfter(300, path, "process");
  const clock = createManualClock(Date.now());
  await using stores = openSqliteStores({ path, durability: "process", clock, ballastBytes: 0 });
  const { pending } = await stores.pushes.depth();

  clock.advance(60_000);
  const { leases } = await stores.pushes.lease({ limit: 10_000, leaseMs: 1_000 });

  expect(leases).toHaveLength(pending);
  expect(pending).toBeGreaterThan(0);
  using db = new DatabaseSync(path, { readOnly: true });
  expect(db.prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
});
