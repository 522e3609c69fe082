import type { GatewayEvents } from "../gateway/gateway-events.ts";
import { isCallEnded, type CallEvent } from "../push/call.ts";
import type { Logger } from "./logger.ts";
import type { Metrics } from "./metrics.ts";

export type CallEvents = Pick<GatewayEvents, "callChanged">;

export interface CallEventsDeps {
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, "count" | "observe">;
}

export function createCallEvents({ logger, metrics }: CallEventsDeps): CallEvents {
  return {
    callChanged(call, event, at) {
      const afterMs = at - call.startedAt;
      const end = isCallEnded(call.state) ? call.endedBy : undefined;
      const device = event.kind === "registered" ? event.deviceId : end;
      const { callee, id, pushIds, state, reason } = call;
      logger.info(`call ${state}`, {
        callee,
        call_id: id,
        push_id: pushIds[0],
        state,
        reason,
        device,
        duration_ms: afterMs,
      });
      if (isCallEnded(state)) metrics.count("callsEnded", { state });
      else metrics.observe("wakeTime", { provider: readWaker(event) }, afterMs / 1000);
    },
  };
}

/** Provider that woke the phone; `other` if the platform did not say which phone registered. */
function readWaker(event: CallEvent): string {
  return event.kind === "registered" && event.provider !== undefined ? event.provider : "other";
}
