import type { RedisServer } from "../support/redis-servers.ts";
import { pollUntil } from "./poll-until.ts";

const FAILOVER_MS = 30_000;

/** Kills a master and brings it back as a replica of its heir: before the pair is whole again nothing is accepted at durability replica. */
export async function failOver(master: RedisServer, heir: RedisServer): Promise<void> {
  await master.kill();
  await pollUntil("the replica to be master", FAILOVER_MS, async () =>
    (await heir.admin.info("replication")).includes("role:master"),
  );
  await master.restart();
  await pollUntil("the new master to have a replica", FAILOVER_MS, async () => (await heir.admin.wait(1, 100)) === 1);
}
