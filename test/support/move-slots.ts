import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { RedisServer } from "./redis-servers.ts";

const run = promisify(execFile);

/** Moves the first `slots` slots from one master to another, as an operator does: `redis-cli --cluster reshard`. */
export async function reshard(from: RedisServer, to: RedisServer, slots: number): Promise<void> {
  const idOf = async ({ admin }: RedisServer) => String(await admin.call("CLUSTER", "MYID"));
  const where = ["--cluster-from", await idOf(from), "--cluster-to", await idOf(to)];
  // One key at a time, so that it takes as long as with many more keys.
  const how = ["--cluster-slots", String(slots), "--cluster-yes", "--cluster-pipeline", "1"];
  await run("redis-cli", ["--cluster", "reshard", `${from.host}:${from.port}`, ...where, ...how]);
}

export interface MovingSlot {
  /** The master that has the keys. */
  readonly source: RedisServer;
  /** Moves the next key, if any, to the target. */
  moveOne(): Promise<void>;
  /** Moves the remaining keys and finishes the move. */
  finish(): Promise<void>;
}

/** Begins to move a slot and leaves it in that state, which `redis-cli` does only briefly. */
export async function beginMove(masters: readonly RedisServer[], key: string): Promise<MovingSlot> {
  const [first] = masters;
  const slot = Number(await first?.admin.cluster("KEYSLOT", key));
  const [source, target] = await chooseNodes(masters, slot);
  const sourceId = String(await source.admin.call("CLUSTER", "MYID"));
  const targetId = String(await target.admin.call("CLUSTER", "MYID"));
  await target.admin.call("CLUSTER", "SETSLOT", slot, "IMPORTING", sourceId);
  await source.admin.call("CLUSTER", "SETSLOT", slot, "MIGRATING", targetId);

  async function move(count: number): Promise<number> {
    const keys = (await source.admin.call("CLUSTER", "GETKEYSINSLOT", slot, count)) as string[];
    // A key that exists on the target is an error, as for redis-cli.
    for (const name of keys) await source.admin.call("MIGRATE", target.host, target.port, name, 0, 1_000);
    return keys.length;
  }

  return {
    source,
    moveOne: async () => void (await move(1)),
    async finish() {
      while ((await move(100)) > 0);
      for (const { admin } of [target, source, ...masters.filter((node) => node !== target && node !== source)])
        await admin.call("CLUSTER", "SETSLOT", slot, "NODE", targetId);
    },
  };
}

async function chooseNodes(masters: readonly RedisServer[], slot: number): Promise<[RedisServer, RedisServer]> {
  for (const source of masters) {
    const ranges = (await source.admin.call("CLUSTER", "SLOTS")) as [number, number, [string, number]][];
    const owner = ranges.find(([start, end]) => start <= slot && slot <= end)?.[2][1];
    const target = masters.find((node) => node !== source);
    if (owner === source.port && target !== undefined) return [source, target];
  }
  throw new Error(`no master has slot ${slot}`);
}
