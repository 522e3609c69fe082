import { explainReason } from "../providers/explain-reason.ts";
import type { Explanation } from "../push/explanations/explanation.ts";
import type { DeliveryReport, PushReport, UndeliverableDevice } from "./trace-report.ts";

/** Returns an explanation as a member of JSON. */
export function explanationBody({ meaning, likelyCause, whatToDo }: Explanation): object {
  return { meaning, likely_cause: likelyCause, what_to_do: whatToDo };
}

/** Returns the push with each failure's explanation beside its reason, for programs. */
export function explainPush(push: PushReport, undeliverable: readonly UndeliverableDevice[] = []): object {
  return {
    ...push,
    ...(undeliverable.length === 0
      ? {}
      : { left_out: undeliverable.map((phone) => ({ ...phone, ...explained(phone.reason) })) }),
    ...(push.reason === undefined ? {} : explained(push.reason)),
    deliveries: push.deliveries.map((delivery) => {
      const { reason } = delivery;
      return needsExplaining(delivery) && reason !== undefined ? { ...delivery, ...explained(reason) } : delivery;
    }),
  };
}

function explained(reason: string): object {
  return { explanation: explanationBody(explainReason(reason)) };
}

/** Devices that were not reached for the same reason. */
export interface ReasonGroup {
  readonly reason: string;
  /** Empty if it is the reason of the push itself. */
  readonly devices: readonly string[];
  /** True if a delivery ended at the deadline because the next attempt would have missed it. */
  readonly isExpired: boolean;
}

interface OpenGroup {
  readonly reason: string;
  readonly devices: string[];
  isExpired: boolean;
}

/** Groups the devices that were not reached by their reasons. The push's own reason has no device. */
export function groupReasons(
  { state, reason, deliveries }: PushReport,
  undeliverable: readonly UndeliverableDevice[],
): ReasonGroup[] {
  const groups = new Map<string, OpenGroup>();
  const groupOf = (reason: string): OpenGroup => {
    const group = groups.get(reason) ?? { reason, devices: [], isExpired: false };
    groups.set(reason, group);
    return group;
  };
  if (reason !== undefined && needsExplaining({ state }) && deliveries.length === 0) groupOf(reason);
  for (const delivery of deliveries) {
    if (delivery.reason === undefined || !needsExplaining(delivery)) continue;
    const group = groupOf(delivery.reason);
    group.devices.push(delivery.device);
    group.isExpired ||= delivery.state === "expired" && delivery.reason !== "deadline_passed";
  }
  for (const { reason, device } of undeliverable) groupOf(reason).devices.push(device);
  return [...groups.values()];
}

function needsExplaining({ state }: Pick<DeliveryReport, "state">): boolean {
  return state !== "delivered" && state !== "cancelled";
}
