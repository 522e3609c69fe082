import { openRedisUnderTest } from "./redis-under-test.ts";
import type { Scenario } from "./scenario.ts";
import { appRolledOut } from "./scenarios/app-rolled-out.ts";
import { clusterFailover } from "./scenarios/cluster-failover.ts";
import { clusterNodeLost } from "./scenarios/cluster-node-lost.ts";
import { deadlineWhileGatewayAway, deadlineWhileRedisFrozen } from "./scenarios/deadline-outlived.ts";
import { diskFull } from "./scenarios/disk-full.ts";
import { gatewayFrozen } from "./scenarios/gateway-frozen.ts";
import { halfOpenLink } from "./scenarios/half-open-link.ts";
import { killBeforeSettle } from "./scenarios/kill-before-settle.ts";
import { killInFlight } from "./scenarios/kill-in-flight.ts";
import { killWhileAccepting } from "./scenarios/kill-while-accepting.ts";
import { manyWaits } from "./scenarios/many-waits.ts";
import { noFault } from "./scenarios/no-fault.ts";
import { oneOfTwoCutOff } from "./scenarios/one-of-two-cut-off.ts";
import { oneOfTwoKilled } from "./scenarios/one-of-two-killed.ts";
import { overload } from "./scenarios/overload.ts";
import { poison } from "./scenarios/poison.ts";
import { providerOutage } from "./scenarios/provider-outage.ts";
import { redisFrozen } from "./scenarios/redis-frozen.ts";
import { redisKilled } from "./scenarios/redis-killed.ts";
import { redisLinkLost } from "./scenarios/redis-link-lost.ts";
import { redisOutOfMemory, redisReadOnly } from "./scenarios/redis-refuses-writes.ts";
import { redisSlow } from "./scenarios/redis-slow.ts";
import { retriesNodeLost } from "./scenarios/retries-node-lost.ts";
import { retransmissionStorm } from "./scenarios/retransmission-storm.ts";
import { sentinelFailover } from "./scenarios/sentinel-failover.ts";
import { sigtermUnderLoad } from "./scenarios/sigterm-under-load.ts";
import { tenantFillsQueue, tenantFillsRedis } from "./scenarios/tenant-fills-queue.ts";
import { slotsMove } from "./scenarios/slots-move.ts";
import { wrongClocks } from "./scenarios/wrong-clocks.ts";
import { openSqliteUnderTest, type OpenStore } from "./store-under-test.ts";

/** Scenarios in which the gateway dies. */
export const KILL_SCENARIOS: readonly Scenario[] = [killWhileAccepting, killInFlight, killBeforeSettle];

/** Scenarios in which it lives, or exits as asked. */
export const OTHER_SCENARIOS: readonly Scenario[] = [
  noFault,
  sigtermUnderLoad,
  retransmissionStorm,
  providerOutage,
  halfOpenLink,
  diskFull,
  overload,
  tenantFillsQueue,
  deadlineWhileGatewayAway,
];

/** Redis's own faults, and scenarios that need a shared store. */
export const REDIS_SCENARIOS: readonly Scenario[] = [
  redisKilled,
  oneOfTwoKilled,
  redisOutOfMemory,
  deadlineWhileRedisFrozen,
  manyWaits,
];

/** Scenarios in which nothing dies, but messages get lost. */
export const PARTITION_SCENARIOS: readonly Scenario[] = [redisLinkLost, gatewayFrozen, oneOfTwoCutOff, wrongClocks];

/** Scenarios that take longer than a test may. */
const LONG_REDIS_SCENARIOS: readonly Scenario[] = [
  redisFrozen,
  redisSlow,
  redisReadOnly,
  sentinelFailover,
  clusterNodeLost,
  clusterFailover,
  slotsMove,
  retriesNodeLost,
  appRolledOut,
  tenantFillsRedis,
];

/** A push kills one gateway after the other, until it is blamed: too long for a test, and on both stores. */
const LONG_KILL_SCENARIOS: readonly Scenario[] = [poison];

export const SCENARIOS: readonly Scenario[] = [
  ...OTHER_SCENARIOS,
  ...KILL_SCENARIOS,
  ...LONG_KILL_SCENARIOS,
  ...REDIS_SCENARIOS,
  ...PARTITION_SCENARIOS,
  ...LONG_REDIS_SCENARIOS,
];

/** Scenarios without a store of their own that are also tried on Redis. */
const ON_BOTH: ReadonlySet<Scenario> = new Set([
  noFault,
  sigtermUnderLoad,
  retransmissionStorm,
  deadlineWhileGatewayAway,
  ...KILL_SCENARIOS,
  ...LONG_KILL_SCENARIOS,
]);

export interface PlannedRun {
  readonly scenario: Scenario;
  readonly openStore: OpenStore;
}

/** The long form: each scenario on each of its stores. */
export const ALL_RUNS: readonly PlannedRun[] = SCENARIOS.flatMap((scenario) => {
  const stores = ON_BOTH.has(scenario) ? [openSqliteUnderTest, openRedisUnderTest] : [openSqliteUnderTest];
  return stores.map((openStore) => ({ scenario, openStore: scenario.openStore ?? openStore }));
});
