import type { Scenario } from "./scenario.ts";
import { diskFull } from "./scenarios/disk-full.ts";
import { halfOpenLink } from "./scenarios/half-open-link.ts";
import { killBeforeSettle } from "./scenarios/kill-before-settle.ts";
import { killInFlight } from "./scenarios/kill-in-flight.ts";
import { killWhileAccepting } from "./scenarios/kill-while-accepting.ts";
import { noFault } from "./scenarios/no-fault.ts";
import { providerOutage } from "./scenarios/provider-outage.ts";
import { retransmissionStorm } from "./scenarios/retransmission-storm.ts";
import { sigtermUnderLoad } from "./scenarios/sigterm-under-load.ts";

/** The gateway dies. */
export const KILL_SCENARIOS: readonly Scenario[] = [killWhileAccepting, killInFlight, killBeforeSettle];

/** It lives, or ends as it was asked to. */
export const OTHER_SCENARIOS: readonly Scenario[] = [
  noFault,
  sigtermUnderLoad,
  retransmissionStorm,
  providerOutage,
  halfOpenLink,
  diskFull,
];

export const SCENARIOS: readonly Scenario[] = [...OTHER_SCENARIOS, ...KILL_SCENARIOS];
