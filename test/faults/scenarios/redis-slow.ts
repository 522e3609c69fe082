import { letLoadRun } from "../let-load-run.ts";
import { openRedisOverLink } from "../redis-under-test.ts";
import { startRigLoad } from "../fixture-load.ts";
import { everythingDelivered, type Scenario } from "../scenario.ts";

/** In each direction; well within the gateway's time limit for a command. */
const DELAY_MS = 150;
const SLOW_MS = 2_000;
const HEALTHY_MS = 300;

/** A distant Redis must only cost time. */
export const redisSlow: Scenario = {
  name: "redis-slow",
  fault: `every byte to and from Redis takes ${DELAY_MS} ms longer for a while`,
  openStore: openRedisOverLink,
  short: { rounds: 1, perSecond: 100 },
  long: { rounds: 5, perSecond: 150 },
  async run(fixture, { rounds, perSecond }) {
    const { link } = fixture.store;
    if (link === undefined) throw new Error("this scenario needs a link to Redis");
    const load = startRigLoad(fixture, { perSecond });
    for (let round = 0; round < rounds; round += 1) {
      await letLoadRun(HEALTHY_MS);
      link.set("both", { kind: "delay", ms: DELAY_MS });
      await letLoadRun(SLOW_MS);
      link.set("both", { kind: "pass" });
    }
    await load.stop();
    return [];
  },
  expect: (record, counts) => {
    const times = record.client.flatMap(({ tries }) => tries.map(({ sentAt, answer }) => answer.at - sentAt));
    const isSlow = times.some((ms) => ms >= DELAY_MS * 2);
    const refusals = record.client
      .flatMap(({ tries }) => tries)
      .filter(({ answer }) => {
        return answer.kind === "answered" && answer.status === 503;
      });
    return [
      ...everythingDelivered(record, counts),
      ...(isSlow ? [] : ["no request took longer: the link was not slow"]),
      ...(refusals.length === 0 ? [] : [`${refusals.length} refusals, though Redis answered in time`]),
      ...(counts.duplicates === 0 ? [] : [`${counts.duplicates} duplicates`]),
      ...(counts.triesWithoutAnswer === 0 ? [] : [`${counts.triesWithoutAnswer} requests got no answer`]),
    ];
  },
};
