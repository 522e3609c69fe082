import { Cluster } from "ioredis";
import type { ClockReading, StoreClock } from "../../gateway/store-clock.ts";
import type { RedisSession } from "./session.ts";

/** Asks every node that accepts writes for its time. A node that does not answer is omitted; rejects if none does. */
export async function readTimes({ client, ask }: RedisSession, clock: StoreClock): Promise<readonly ClockReading[]> {
  const nodes = client instanceof Cluster ? client.nodes("master") : [client];
  const answers = await Promise.allSettled(
    nodes.map(async (node): Promise<ClockReading> => {
      const askedAt = clock.monotonic();
      const [seconds, microseconds] = await ask(() => node.time());
      const storeTime = Number(seconds) * 1_000 + Math.floor(Number(microseconds) / 1_000);
      return { askedAt, answeredAt: clock.monotonic(), storeTime };
    }),
  );
  const readings = answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : []));
  const failed = answers.find((answer) => answer.status === "rejected");
  if (readings.length === 0 && failed !== undefined) throw failed.reason;
  return readings;
}
