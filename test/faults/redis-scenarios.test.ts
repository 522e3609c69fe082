import { itKeepsEveryPromise } from "./keep-promises.ts";
import { openRedisUnderTest } from "./redis-under-test.ts";
import { REDIS_SCENARIOS } from "./scenarios.ts";
import { killInFlight } from "./scenarios/kill-in-flight.ts";

itKeepsEveryPromise([killInFlight, ...REDIS_SCENARIOS], openRedisUnderTest);
