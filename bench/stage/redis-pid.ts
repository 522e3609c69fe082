import type { RedisServer } from "../../test/fixtures/redis-servers.ts";

export async function readServerPid({ admin }: RedisServer): Promise<number> {
  return Number(/^process_id:(\d+)/m.exec(await admin.info("server"))?.[1] ?? 0);
}
